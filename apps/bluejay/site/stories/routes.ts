/** Public pages that tell: blog, case studies, whitepapers, the company, its partners, and where it is. */
import { createFormGuard } from '../../forms/form-guard.ts';
import type { Bluejay } from '../../bluejay.ts';
import type { Media } from '../../media/media.ts';
import type { PageContext, SiteFrame, SitePage } from '../site-frame.ts';
import { aboutPage } from './about-page.ts';
import { articlePage } from './blog/article-page.ts';
import { blogPage } from './blog/blog-page.ts';
import { caseStudiesPage } from './case-studies/case-studies-page.ts';
import { caseStudyPage } from './case-studies/case-study-page.ts';
import { openContactPage } from './contact-page.ts';
import { partnersPage } from './partners-page.ts';
import { openWhitepaperPage } from './whitepapers/whitepaper-page.ts';
import { whitepapersPage } from './whitepapers/whitepapers-page.ts';

export type StoryParts = Pick<Bluejay, 'database' | 'signer' | 'now'> & {
  readonly site: Pick<SiteFrame, 'page'>;
  readonly media: Pick<Media, 'find'>;
};

type Render = (context: PageContext, slug: string) => SitePage | undefined;

export const storyRoutes = (_server: unknown, parts: StoryParts): void => {
  const { site, media } = parts;
  const guard = createFormGuard(parts);
  const pages: readonly [path: string, keptSec: number, render: Render][] = [
    ['/blog', 300, blogPage],
    ['/blog/:slug', 600, articlePage],
    ['/case-studies', 600, caseStudiesPage],
    ['/case-studies/:slug', 1_800, caseStudyPage],
    ['/whitepapers', 600, whitepapersPage],
    ['/whitepapers/:slug', 900, openWhitepaperPage({ guard, media })],
    ['/about', 300, aboutPage],
    ['/partners', 300, partnersPage],
    ['/contact', 3_600, openContactPage({ guard })],
  ];
  // In memory, for at most so long; browsers ask every time, so that nobody sees what was taken back. A form's token is young then.
  for (const [path, keptSec, render] of pages)
    site.page(path, null, (context, { slug = '' }) => {
      context.changesAt(context.nowMs + keptSec * 1_000);
      return render(context, slug);
    });
};
