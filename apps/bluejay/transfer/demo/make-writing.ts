/** The blog and the whitepapers. */
import { blogAuthor, blogCategory, blogPost, blogTag, whitepaper, whitepaperTopic } from '../../types/index.ts';
import type { DemoSite } from './demo-site.ts';
import { drawChart } from './drawing/chart.ts';
import { drawPortrait } from './drawing/emblem.ts';
import { makePdf } from './pdf.ts';
import { AUTHORS, BLOG_CATEGORIES, type DemoPost, POSTS, TAGS, TOPICS, WHITEPAPERS } from './writing.ts';

export const makePosts = async (site: DemoSite, products: ReadonlyMap<string, number>): Promise<void> => {
  const categories = new Map(
    BLOG_CATEGORIES.map(([name, color, description]) => [
      name as string,
      site.record(blogCategory, { name, color, description }),
    ]),
  );
  const tags = new Map(TAGS.map((name) => [name as string, site.record(blogTag, { name })]));
  const authors: number[] = [];
  for (const [name, title, bio] of AUTHORS) {
    const avatar = await site.picture(`portrait ${name}`, drawPortrait(name), `Portrait of ${name}, drawn`);
    authors.push(
      site.record(blogAuthor, { name, title, bio, avatar, email: `${name.split(' ')[0]?.toLowerCase()}@bluejay.example` }),
    );
  }
  for (const post of POSTS) {
    const featuredImage =
      'chart' in post.picture
        ? await site.picture(
            `post ${post.title}`,
            drawChart(post.title, post.picture.chart),
            `${post.title}: a picture of what the text is about`,
          )
        : await site.machines(`post ${post.title}`, { machines: [post.picture.machine], tone: post.picture.tone });
    const inText = await site.picture(`figure ${post.title}`, drawChart(`in ${post.title}`, post.inText), post.caption);
    site.record(
      blogPost,
      {
        title: post.title,
        excerpt: post.excerpt,
        body: bodyOf(post, inText),
        featuredImage,
        category: categories.get(post.category) ?? null,
        author: authors[post.author] ?? null,
        tags: post.tags.map((name) => tags.get(name)).filter((id) => id !== undefined),
        products: post.products.map((sku) => products.get(sku)).filter((id) => id !== undefined),
      },
      {
        daysAgo: post.daysAgo,
        ...(post.state !== undefined && { status: post.state }),
        seo: { title: '', description: post.excerpt, image: featuredImage },
      },
    );
  }
};

/** The picture stands before the last heading, with what it shows below it. */
const bodyOf = ({ parts, caption }: DemoPost, picture: number): string =>
  parts
    .map(([heading, ...texts], index) => {
      const first = heading === '' ? '' : `<h2>${heading}</h2>`;
      const lead = index === 0 ? `<p class="lead">${texts[0] ?? ''}</p>` : '';
      const rest = (index === 0 ? texts.slice(1) : texts).map((text) => `<p>${text}</p>`).join('');
      const figure =
        index === parts.length - 1 ? `<p><img data-media="${picture}" alt="${caption}"></p><p><em>${caption}.</em></p>` : '';
      return `${figure}${first}${lead}${rest}`;
    })
    .join('');

const COVERS = ['#0066CC', '#16A34A', '#DC2626', '#004499', '#B45309', '#111827'] as const;
const COVER_ENDS = ['#004499', '#064E3B', '#7F1D1D', '#111827', '#451A03', '#004499'] as const;

export const makeWhitepapers = async (site: DemoSite): Promise<readonly { readonly id: number; readonly title: string }[]> => {
  const topics = new Map(
    TOPICS.map(([name, color, icon]) => [name as string, site.record(whitepaperTopic, { name, color, icon, description: '' })]),
  );
  const made: { id: number; title: string }[] = [];
  for (const [index, [title, topic, description, ...points]] of WHITEPAPERS.entries()) {
    const pages = [
      { heading: title, paragraphs: [description, 'Bluejay Motion, applied engineering.'] },
      ...points.map((point, number) => ({
        heading: `${number + 1}. ${point}`,
        paragraphs: [
          `This chapter shows how to ${point.charAt(0).toLowerCase()}${point.slice(1)}, with what is on a normal bench and within a normal afternoon.`,
          'The examples come from machines of our customers. Values are measured, and where they are estimated, the text says so.',
          'At the end stands a checklist. Copy it, change it, hang it beside the machine.',
        ],
      })),
    ];
    const file = await site.document(`whitepaper-${String(index + 1).padStart(2, '0')}.pdf`, makePdf(title, pages));
    const publishedDate = new Date(site.todayMs - (40 + index * 27) * 86_400_000).toISOString().slice(0, 10);
    const id = site.record(
      whitepaper,
      {
        title,
        description,
        topic: topics.get(topic) ?? null,
        file,
        pageCount: pages.length,
        publishedDate,
        coverColorFrom: COVERS[index % COVERS.length] ?? '#0066CC',
        coverColorTo: COVER_ENDS[index % COVER_ENDS.length] ?? '#004499',
      },
      { daysAgo: 40 + index * 27, children: { learningPoints: points.map((text) => ({ text })) } },
    );
    made.push({ id, title });
  }
  return made;
};
