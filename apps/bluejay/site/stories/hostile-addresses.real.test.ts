/** A thousand addresses that somebody made up to hurt others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { XSS_PAYLOADS } from '../../content/testing/xss-payloads.ts';
import { openStorySite } from './testing/story-site.ts';

test('whatever stands in an address, it comes to be no markup of the page', async () => {
  await using site = await openStorySite();
  for (const payload of XSS_PAYLOADS) {
    const value = encodeURIComponent(payload.toWellFormed());
    for (const path of [
      '/blog?category=',
      '/blog?tag=',
      '/blog?page=',
      '/case-studies?industry=',
      '/whitepapers?topic=',
      '/contact?type=',
      '/contact?type=rfq&product=',
      '/blog/',
    ]) {
      const { text, status } = await site.get(path + value);
      assert.ok(status < 500, `${path}${payload}`);
      assert.doesNotMatch(text, /<script>|<script[^>]*>[^<]*fired|<img[^>]+onerror|<svg[^>]+onload/i, `${path}${payload}`);
    }
  }
});
