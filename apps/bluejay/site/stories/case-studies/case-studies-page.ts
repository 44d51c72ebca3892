/** Customers' stories, all or of one industry. */
import { caseStudy } from '../../../types/case-study.ts';
import { industry } from '../../../types/industry.ts';
import { callBand } from '../../parts/call-band.ts';
import type { PageContext, SitePage } from '../../site-frame.ts';
import { listByKind } from '../list-by-kind.ts';
import { caseStudyCard } from './case-study-card.ts';

export const caseStudiesPage = (context: PageContext): SitePage | undefined =>
  listByKind(context, {
    path: '/case-studies',
    title: 'Case studies',
    label: 'In use',
    text: 'What our customers had to solve, what we did about it, and what came of it.',
    empty: 'There is no story here yet.',
    type: caseStudy,
    kind: industry,
    by: 'industry',
    kinds: { label: 'Industries', all: 'All industries' },
    card: caseStudyCard,
    end: callBand({
      heading: 'Yours could be the next one',
      text: 'Tell us what you have to solve. We say what we know about it, also when it is not for us.',
      primary: { text: 'Talk to an engineer', link: '/contact' },
      secondary: { text: 'Our products', link: '/products' },
    }),
  });
