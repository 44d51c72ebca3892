/** What else speaks of a product: solutions, customers' stories, articles. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { blogPost } from '../../types/blog-post.ts';
import { caseStudy } from '../../types/case-study.ts';
import type { product } from '../../types/product.ts';
import { solution } from '../../types/solution.ts';
import { card, cardGrid } from '../parts/card.ts';
import { section } from '../parts/section.ts';
import { postCard } from '../parts/post-card.ts';
import { solutionCard } from '../solutions/solution-card.ts';
import type { PageContext } from '../site-frame.ts';

const MOST = 3;

export const relatedToProduct = (context: PageContext, { id }: RecordOf<typeof product>): Html => {
  const { view } = context;
  const query = { where: { products: id }, limit: MOST };
  const solutions = view.list(solution, query).map((one) => solutionCard(context, one));
  const stories = view
    .list(caseStudy, query)
    .map((one) =>
      card({ title: one.fields.title, href: view.pathOf(caseStudy, one), meta: one.fields.clientName, text: one.fields.summary }),
    );
  const posts = view.list(blogPost, query).map((one) => postCard(context, one));
  return html`${solutions.length > 0 && section({ heading: 'Used in', body: cardGrid(solutions) })}
${stories.length > 0 && section({ heading: 'Customers’ stories', body: cardGrid(stories) })}
${posts.length > 0 && section({ heading: 'Related reading', body: cardGrid(posts) })}`;
};
