import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { html } from '../html/html.ts';
import { expandRichText, plainText, sanitiseRichText, wordsOf } from './sanitise.ts';
import { XSS_PAYLOADS } from './testing/xss-payloads.ts';

const ALLOWED =
  'p h2 h3 h4 ul ol li blockquote pre code hr br strong em u s sub sup a img table caption thead tbody tr th td'.split(' ');
const TAG = /<\/?([a-z0-9]+)((?: [a-z-]+="[^"<>]*")*)>/g;

/** What is left when all tags of ours are taken out has no tag any more, and no tag has anything that acts. */
const complaintOf = (clean: string): string | undefined => {
  for (const [tag, name, attributes] of clean.matchAll(TAG)) {
    if (!ALLOWED.includes(name ?? '')) return `${tag} is not allowed`;
    for (const [, attribute, value] of (attributes ?? '').matchAll(/ ([a-z-]+)="([^"]*)"/g)) {
      if (!/^(?:href|title|rel|data-media|alt|start|colspan|rowspan|scope|class)$/.test(attribute ?? ''))
        return `${tag} has ${attribute}`;
      if (attribute === 'href' && !/^(?:https?:\/\/|mailto:|tel:|\/(?!\/)|[#?])/i.test(value ?? '')) return `${tag} leads astray`;
    }
  }
  const rest = clean.replace(TAG, '');
  return rest.includes('<') || rest.includes('>') ? `“${rest}” still has a bracket` : undefined;
};

const kept: readonly { readonly name: string; readonly html: string; readonly clean?: string }[] = [
  {
    name: 'paragraphs with marks',
    html: '<p>a <strong>b</strong> <em>c</em> <u>d</u> <s>e</s> <code>f</code> H<sub>2</sub>O</p>',
  },
  { name: 'headings 2 to 4', html: '<h2>a</h2><h3>b</h3><h4>c</h4>' },
  { name: 'the title of a page as the first heading of a text', html: '<h1>a</h1><h6>b</h6>', clean: '<h2>a</h2><h4>b</h4>' },
  { name: 'old names of marks', html: '<b>a</b><i>b</i><del>c</del>', clean: '<strong>a</strong><em>b</em><s>c</s>' },
  { name: 'lists and where they begin', html: '<ul><li>a</li></ul><ol start="3"><li><p>b</p></li></ol>' },
  { name: 'quotes, lines, breaks', html: '<blockquote><p>a<br>b</p></blockquote><hr>' },
  {
    name: 'code and its language',
    html: '<pre><code class="language-ts x">a &lt; b</code></pre>',
    clean: '<pre><code class="language-ts">a &lt; b</code></pre>',
  },
  {
    name: 'tables',
    html: '<table><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td colspan="2">b</td></tr></tbody></table>',
  },
  {
    name: 'a span of one as none',
    html: '<table><tbody><tr><td colspan="1" rowspan="1">b</td></tr></tbody></table>',
    clean: '<table><tbody><tr><td>b</td></tr></tbody></table>',
  },
  { name: 'links into this site', html: '<a href="/contact?type=rfq#form" title="t">a</a>' },
  {
    name: 'links to elsewhere, without a trace',
    html: '<a href="https://a.example/?b=1&amp;c=2" target="_blank">a</a>',
    clean: '<a href="https://a.example/?b=1&amp;c=2" rel="noopener noreferrer">a</a>',
  },
  { name: 'mail and telephone', html: '<a href="mailto:a@b.example">a</a><a href="tel:+49301234">b</a>' },
  { name: 'the words of a link that may not be', html: '<a href="javascript:x">words</a>', clean: 'words' },
  { name: 'pictures of the library', html: '<p><img data-media="7" alt="a &quot;b&quot;"></p>' },
  { name: 'no other pictures', html: '<p>a<img src="https://a.example/x.png" alt="b"></p>', clean: '<p>a</p>' },
  {
    name: 'no media that cannot be',
    html: '<img data-media="0"><img data-media="1e3"><img data-media="-1"><p>a</p>',
    clean: '<p>a</p>',
  },
  { name: 'boxes as paragraphs', html: '<div>a</div><div>b</div>', clean: '<p>a</p><p>b</p>' },
  {
    name: 'nothing of boxes around paragraphs and lists',
    html: '<div class="x"><div><p>a</p><ul><li>b</li></ul></div></div>',
    clean: '<p>a</p><ul><li>b</li></ul>',
  },
  {
    name: 'the words below a picture',
    html: '<figure><img data-media="7" alt=""><figcaption>a</figcaption></figure>',
    clean: '<p><img data-media="7" alt=""></p><p>a</p>',
  },
  { name: 'empty lines between paragraphs', html: '<p>a</p><p></p><p>b</p>' },
  { name: 'three ways to stand', html: '<p class="align-center evil">a</p>', clean: '<p class="align-center">a</p>' },
  { name: 'nothing of an empty document', html: '<p></p><p>\u00a0</p>', clean: '' },
  { name: 'a picture alone', html: '<img data-media="7" alt="">' },
  { name: 'no characters that nobody sees', html: '<p>a\u0007b\u202ec\ufeff</p>', clean: '<p>abc</p>' },
];
for (const { name, html: written, clean } of kept) {
  test(`rich text keeps ${name}`, () => assert.equal(sanitiseRichText(written), clean ?? written));
}

for (const payload of XSS_PAYLOADS) {
  test(`rich text is tamed: ${JSON.stringify(payload).slice(0, 90)}`, () => {
    const clean = sanitiseRichText(payload);
    assert.equal(complaintOf(clean), undefined);
    assert.equal(sanitiseRichText(clean), clean, 'saying it twice changes something');
  });
}

test('whatever is put together, sanitising twice is sanitising once', () => {
  const random = createRandom(20_261);
  const pieces = [
    ...XSS_PAYLOADS,
    ...['<p>', '</p>', '<table>', '<tr>', '<td>', '</td>', '</table>', '<a href="/x">', '</a>', '<ul>', '<li>', '</ul>', '<pre>'],
    ...['<svg>', '</svg>', '<math>', '<style>', '</style>', '<noscript>', '</noscript>', '<!--', '-->', '<select>', '<template>'],
    ...[
      '&lt;',
      '&amp;',
      '"',
      "'",
      '`',
      '>',
      '<',
      ' ',
      '\n',
      '\u0000',
      'words',
      '<img data-media="7">',
      '<h2>',
      '</h2>',
      '<br>',
      '<div>',
      '</div>',
      '<figure>',
      '</figcaption>',
    ],
  ];
  for (let round = 0; round < 3_000; round++) {
    const written = Array.from({ length: random.integer(1, 12) }, () => {
      const piece = random.pick(pieces);
      return random.boolean(0.2) ? piece.slice(0, random.integer(0, piece.length)) : piece;
    }).join('');
    const clean = sanitiseRichText(written);
    assert.equal(complaintOf(clean), undefined, JSON.stringify(written));
    assert.equal(sanitiseRichText(clean), clean, JSON.stringify(written));
  }
});

test('what is nested deeper than any text loses its tags and keeps its words', () => {
  const clean = sanitiseRichText(`${'<blockquote>'.repeat(1_000)}words`);
  assert.match(clean, /words/);
  assert.equal(clean.match(/<blockquote>/g)?.length, 40);
});

for (const unit of ['<blockquote>', '<div></b>', '<math></u>', '<ul><li>', '<u>']) {
  test(`a hundred thousand times ${unit} is not even parsed`, () =>
    assert.equal(sanitiseRichText(`${unit.repeat(100_000)}2 < 3 words</b>`), '2 &lt; 3 words'));
}

test('plain text has a line for each block and no entity', () => {
  assert.equal(
    plainText(
      '<h2>A &amp; B</h2><p>one\n  two<br>three</p><ul><li><p>x</p></li><li>y</li></ul><table><tbody><tr><td>1</td><td>2</td></tr></tbody></table>',
    ),
    'A & B\none two\nthree\nx\ny\n1 2',
  );
});

test('an entity that was written as text stays text', () => assert.equal(plainText('<p>&amp;lt;b&amp;gt;</p>'), '&lt;b&gt;'));

test('words are counted as one reads them', () => {
  assert.equal(wordsOf('<p>Don’t do 3.5 things, naïve Zoë!</p><p>—</p>'), 6);
  assert.equal(wordsOf(''), 0);
});

test('pictures of the library take the place of their marks, headings get ids of their own', () => {
  const stored =
    '<h2>Über uns</h2><p><img data-media="7" alt="a &quot;b&quot;"></p><h3 class="lead">Über <em>uns</em></h3><h4>?</h4>';
  assert.equal(
    expandRichText(stored, (id, alt) => html`<picture>${id}|${alt}</picture>`).html,
    '<h2 id="h-ueber-uns">Über uns</h2><p><picture>7|a &quot;b&quot;</picture></p>' +
      '<h3 class="lead" id="h-ueber-uns-2">Über <em>uns</em></h3><h4 id="h-section">?</h4>',
  );
});
