import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import sharp from 'sharp';
import { sanitiseRichText } from '../../content/sanitise.ts';
import { XSS_PAYLOADS } from '../../content/testing/xss-payloads.ts';
import { blogPost, blogCategory } from '../../types/index.ts';
import { transferCommands } from '../commands.ts';
import { openSite } from '../testing/site.ts';

const item = (more: string): string => `<item>${more}</item>`;
const wxr = (items: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel><title>Old blog</title><wp:wxr_version>1.2</wp:wxr_version>
<wp:author><wp:author_login><![CDATA[ada]]></wp:author_login><wp:author_email><![CDATA[ada@example.com]]></wp:author_email><wp:author_display_name><![CDATA[Ada & Co]]></wp:author_display_name></wp:author>
${items}</channel></rss>`;

const attachment = item(`<title>Pump</title><wp:post_id>7</wp:post_id><wp:post_type><![CDATA[attachment]]></wp:post_type>
<wp:attachment_url><![CDATA[https://old.example/wp-content/uploads/2024/01/pump.png]]></wp:attachment_url>
<wp:postmeta><wp:meta_key><![CDATA[_wp_attachment_image_alt]]></wp:meta_key><wp:meta_value><![CDATA[A red pump]]></wp:meta_value></wp:postmeta>`);
const first =
  item(`<title>Pumps &amp; valves</title><link>https://old.example/2024/01/pumps/</link><dc:creator><![CDATA[ada]]></dc:creator>
<content:encoded><![CDATA[<!-- wp:paragraph --><p>About &lt;item&gt; and </item> in a text. <script>fired=1</script></p><!-- /wp:paragraph -->
[caption id="x" width="300"]<img src="https://old.example/wp-content/uploads/2024/01/pump-300x200.png" alt="x"> The pump[/caption]
[gallery ids="7,9"][contact-form-7 id="1"] [sic]<p><a href="https://old.example/2024/02/second/">next</a></p>
<img src="https://old.example/wp-content/uploads/2024/01/missing.png"><img src="https://old.example/wp-content/uploads/../../../../etc/passwd"><img data-media="1" src="x">]]></content:encoded>
<excerpt:encoded><![CDATA[]]></excerpt:encoded><wp:post_id>1</wp:post_id><wp:post_date_gmt><![CDATA[2024-01-02 03:04:05]]></wp:post_date_gmt>
<wp:post_name><![CDATA[pumps]]></wp:post_name><wp:status><![CDATA[publish]]></wp:status><wp:post_type><![CDATA[post]]></wp:post_type>
<category domain="category" nicename="technik"><![CDATA[Technik]]></category><category domain="post_tag" nicename="water"><![CDATA[Water]]></category>
<wp:postmeta><wp:meta_key><![CDATA[_thumbnail_id]]></wp:meta_key><wp:meta_value><![CDATA[7]]></wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_id>1</wp:comment_id></wp:comment><wp:comment><wp:comment_id>2</wp:comment_id></wp:comment>`);
const second =
  item(`<title>Second</title><link>https://old.example/2024/02/second/</link><dc:creator>ada</dc:creator><content:encoded><![CDATA[One.

Two.]]></content:encoded><wp:post_id>2</wp:post_id><wp:post_name>second</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><wp:post_date_gmt>2024-02-02 00:00:00</wp:post_date_gmt>`);
const page = item(
  `<title>About us</title><dc:creator>ada</dc:creator><content:encoded><![CDATA[<p>We</p>]]></content:encoded><wp:post_id>3</wp:post_id><wp:post_name>about-us</wp:post_name><wp:status>draft</wp:status><wp:post_type>page</wp:post_type>`,
);
const other = item('<title>x</title><wp:post_type>nav_menu_item</wp:post_type>');

const run = async (
  site: Awaited<ReturnType<typeof openSite>>,
  name: string,
  file: string,
  values: Record<string, string | boolean> = {},
): Promise<string> => {
  const command = transferCommands[name];
  assert.ok(command);
  return (await command.run({ positionals: [file], values, parts: site, say: () => undefined })).join('\n');
};

test('a blog of WordPress comes with its pictures, links and dates, and a second time nothing changes', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  await mkdir(directory.join('uploads', '2024', '01'), { recursive: true });
  await sharp({ create: { width: 30, height: 20, channels: 3, background: '#f00' } })
    .png()
    .toFile(directory.join('uploads', '2024', '01', 'pump.png'));
  const file = directory.join('x.xml');
  await writeFile(file, wxr([attachment, first, second, page, other].join('\n')));
  const options = { media: directory.join('uploads'), 'as-published': true };

  const dry = await run(site, 'import-wordpress', file, { ...options, 'dry-run': true });
  assert.match(dry, /^A dry run/);
  assert.equal(site.content.list(blogPost).total, 0, 'a dry run writes nothing');
  assert.equal(site.media.list({}).total, 0);

  const said = await run(site, 'import-wordpress', file, options);
  assert.match(said, /post +3 +0 +0 +0/);
  for (const what of [
    '2 of “Pumps & valves”',
    'missing.png is not among',
    'etc/passwd is not among',
    '[contact-form-7]',
    'nav_menu_item',
    'category “Pages”',
  ])
    assert.ok(said.includes(what), `${what}\n${said}`);
  const [post] = site.content.list(blogPost, { search: 'Pumps' }).records;
  assert.ok(post);
  const { body, excerpt, featuredImage } = post.fields;
  assert.equal(post.slug, 'pumps');
  assert.equal(post.status, 'published');
  assert.equal(post.publishAtMs, Date.UTC(2024, 0, 2, 3, 4, 5));
  assert.equal(body.match(/<img data-media="1"/g)?.length, 2, body);
  assert.match(body, /<a href="\/blog\/second">next<\/a>/);
  assert.match(body, /\[sic\]/);
  assert.match(body, /<em>The pump<\/em>/);
  assert.doesNotMatch(body, /script|contact-form|wp:|gallery/);
  assert.match(excerpt, /^About <item> and/);
  assert.equal(featuredImage === null ? '' : site.media.find(featuredImage)?.alt, 'A red pump');
  assert.equal(site.content.list(blogPost, { search: 'Second' }).records[0]?.fields.body, '<p>One.</p><p>Two.</p>');
  assert.deepEqual(
    site.content
      .list(blogCategory)
      .records.map(({ fields }) => fields.name)
      .toSorted(),
    ['Pages', 'Technik', 'Uncategorised'],
  );
  assert.match(said, /old address +2 +0 +0 +0/);
  const view = site.content.view();
  assert.equal(view.redirectFor('/2024/01/pumps/'), '/blog/pumps');
  assert.equal(view.redirectFor('/2024/02/second'), '/blog/second');
  const again = await run(site, 'import-wordpress', file, options);
  assert.match(again, /post +0 +0 +3 +0/);
  assert.match(again, /old address +0 +0 +2 +0/);
});

test('posts of WordPress are drafts unless somebody says otherwise', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  await writeFile(directory.join('x.xml'), wxr(second));
  await run(site, 'import-wordpress', directory.join('x.xml'));
  assert.equal(site.content.list(blogPost).records[0]?.status, 'draft');
});

test('a file with entities of its own, or of another kind, is refused', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  for (const [text, message] of [
    ['<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><rss/>', /document type/],
    ['<rss></rss>', /no export of WordPress/],
  ] as const) {
    await writeFile(directory.join('x.xml'), text);
    await assert.rejects(run(site, 'import-wordpress', directory.join('x.xml')), message);
  }
  await writeFile(directory.join('x.json'), '{"db":[{"data":{}}]}');
  await assert.rejects(run(site, 'import-ghost', directory.join('x.json')), /no export of Ghost/);
});

test('no payload of a post survives, from WordPress or from Ghost', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  const safe = XSS_PAYLOADS.filter((payload) => !payload.includes(']]>'));
  await writeFile(
    directory.join('x.xml'),
    wxr(
      safe
        .map((payload, index) =>
          item(
            `<title><![CDATA[${index} ${payload}]]></title><content:encoded><![CDATA[<p>x</p>${payload}]]></content:encoded><wp:post_name>p-${index}</wp:post_name><wp:status>publish</wp:status><wp:post_type>post</wp:post_type><dc:creator>ada</dc:creator>`,
          ),
        )
        .join(''),
    ),
  );
  const posts = XSS_PAYLOADS.map((payload, index) => ({
    id: `${index}`,
    title: payload,
    slug: `g-${index}`,
    status: 'published',
    html: index % 2 === 0 ? `<p>x</p>${payload}` : null,
    lexical: JSON.stringify({
      root: {
        children: [
          {
            type: 'paragraph',
            children: [
              { type: 'text', text: payload },
              { type: 'link', url: payload, children: [] },
            ],
          },
          { type: 'html', html: payload },
        ],
      },
    }),
  }));
  await writeFile(directory.join('x.json'), JSON.stringify({ db: [{ data: { posts, users: [{ id: '1', name: 'Eve' }] } }] }));
  await run(site, 'import-wordpress', directory.join('x.xml'));
  await run(site, 'import-ghost', directory.join('x.json'));
  const { records } = site.content.list(blogPost, { perPage: 1_000 });
  assert.ok(records.length > 200, String(records.length));
  for (const { fields } of records) {
    assert.equal(sanitiseRichText(fields.body), fields.body);
    assert.doesNotMatch(fields.body, /<script|<[^<>]*(?:\son\w+=|href="javascript:)/i);
  }
});

test('a blog of Ghost comes: tags, authors, dates, and what of its editor is understood', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  const lexical = {
    root: {
      children: [
        { type: 'heading', tag: 'h2', children: [{ type: 'text', text: 'Head', format: 0 }] },
        {
          type: 'list',
          listType: 'number',
          children: [{ type: 'listitem', children: [{ type: 'text', text: 'bold', format: 1 }] }],
        },
        { type: 'codeblock', code: 'a < b' },
        { type: 'image', src: '__GHOST_URL__/content/images/2024/a.png', alt: 'An a' },
        { type: 'bookmark', url: 'x' },
      ],
    },
  };
  const data = {
    posts: [
      {
        id: 'p',
        title: 'Lex',
        slug: 'lex',
        html: null,
        lexical: JSON.stringify(lexical),
        status: 'published',
        published_at: '2024-03-01T10:00:00.000Z',
        feature_image: '__GHOST_URL__/content/images/2024/a.png',
        custom_excerpt: 'Short',
      },
      { id: 'q', title: 'Old', slug: 'old', html: null, mobiledoc: '{}', status: 'draft' },
    ],
    tags: [
      { id: 't', name: 'News', slug: 'news' },
      { id: 'u', name: 'Water', slug: 'water' },
    ],
    users: [{ id: 'a', name: 'Ada', email: 'ada@example.com' }],
    posts_tags: [
      { post_id: 'p', tag_id: 'u', sort_order: 1 },
      { post_id: 'p', tag_id: 't', sort_order: 0 },
    ],
    posts_authors: [{ post_id: 'p', author_id: 'a', sort_order: 0 }],
  };
  await mkdir(directory.join('content', 'images', '2024'), { recursive: true });
  await sharp({ create: { width: 30, height: 20, channels: 3, background: '#0f0' } })
    .png()
    .toFile(directory.join('content', 'images', '2024', 'a.png'));
  await writeFile(directory.join('x.json'), JSON.stringify({ db: [{ data }] }));
  const said = await run(site, 'import-ghost', directory.join('x.json'), { content: directory.join('content') });
  for (const what of ['“bookmark”', 'mobiledoc']) assert.ok(said.includes(what), said);
  const [post] = site.content.list(blogPost, { search: 'Lex' }).records;
  assert.ok(post, said);
  assert.equal(
    post.fields.body,
    '<h2>Head</h2><ol><li><strong>bold</strong></li></ol><pre><code>a &lt; b</code></pre><p><img data-media="1" alt="An a"></p>',
  );
  assert.equal(post.publishAtMs, Date.UTC(2024, 2, 1, 10));
  assert.equal(post.fields.excerpt, 'Short');
  assert.equal(post.fields.featuredImage, 1);
  assert.equal(post.fields.tags.length, 1);
});
