import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorBody, prefersHtml, renderErrorPage } from './index.ts';

test('the page holds what it was given, as text, and nothing that a strict policy forbids', () => {
  const page = renderErrorPage({
    status: 404,
    title: '<script>alert(1)</script>',
    message: `"quotes" & 'more'`,
    requestId: '</code><img src=x onerror=alert(1)>',
  });
  assert.doesNotMatch(page, /<script|<style|<img|style=|\son\w+="/i);
  assert.match(page, /<h1>&lt;script&gt;alert\(1\)&lt;\/script&gt;<\/h1>/);
  assert.match(page, /<p>&quot;quotes&quot; &amp; &#39;more&#39;<\/p>/);
  assert.match(page, /^<!doctype html>\n<html lang="en">/);
  assert.doesNotMatch(renderErrorPage({ status: 500, title: 't', message: 'm' }), /request/);
});

test('the JSON holds the named facts only', () => {
  const facts = { code: 'A', message: 'b', requestId: 'r', retryAfterSec: 3, stack: 'secret', cause: 'secret' };
  assert.deepEqual(errorBody(facts), { error: { code: 'A', message: 'b', requestId: 'r', retryAfterSec: 3 } });
  assert.deepEqual(errorBody({ code: 'A', message: 'b', hint: 'c' }), { error: { code: 'A', message: 'b', hint: 'c' } });
});

for (const [accept, html] of [
  ['text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8', true],
  ['TEXT/HTML', true],
  ['text/html;q=0.5, application/json;q=0.4', true],
  ['text/html;q=0.4, application/json', false],
  ['application/json', false],
  ['*/*', false],
  ['text/html;q=0', false],
  ['text/html;q=nonsense', false],
  ['', false],
  [undefined, false],
  [`${','.repeat(5000)};;q=;=`, false],
] as const)
  test(`Accept: ${accept?.slice(0, 70) ?? 'none'} ${html ? 'gets a page' : 'gets JSON'}`, () => {
    assert.equal(prefersHtml(accept), html);
  });
