import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markdownToHtml } from './markdown.ts';

for (const [what, markdown, expected] of [
  ['a script', '<script>alert(1)</script>', /&lt;script&gt;/],
  ['a tag within a line', 'a <img src=x onerror=alert(1)> b', /a &lt;img/],
  [
    'a picture',
    '![cat](https://example.com/cat.png)',
    /<a href="https:\/\/example\.com\/cat\.png" rel="noopener noreferrer nofollow" target="_blank">cat<\/a>/,
  ],
  [
    'a link',
    '[x](https://example.com)',
    /<a href="https:\/\/example\.com" rel="noopener noreferrer nofollow" target="_blank">x<\/a>/,
  ],
  ['a mail address', '[x](mailto:a@example.com)', /<a href="mailto:a@example\.com"/],
  ['a bare link', 'see https://example.com/x', /<a href="https:\/\/example\.com\/x" rel=/],
] as const)
  test(`${what} is rendered harmlessly`, () => assert.match(markdownToHtml(markdown), expected));

for (const url of [
  'javascript:alert(1)',
  'JAVASCRIPT:alert(1)',
  'data:text/html,x',
  'vbscript:x',
  'file:///etc/passwd',
  '//evil.example',
  '/relative',
])
  test(`a link to ${url} is no link`, () => {
    assert.doesNotMatch(markdownToHtml(`[x](${url}) ![y](${url}) <${url}>`), /<a |<img/);
  });

test('no style attribute and no picture is ever made', () => {
  const html = markdownToHtml('| a | b |\n|:--|--:|\n| 1 | 2 |\n\n![x](https://e.example/y.png "t")');
  assert.match(html, /<td>/);
  assert.doesNotMatch(html, /style=|<img/);
});
