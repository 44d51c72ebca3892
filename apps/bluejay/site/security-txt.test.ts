import assert from 'node:assert/strict';
import { test } from 'node:test';
import { securityRoutes } from './security-txt.ts';
import { openTestSite } from './testing/test-site.ts';

test('whom to tell of a hole is said, and for how long that holds', async () => {
  await using site = await openTestSite({
    routes: (server, frame) => securityRoutes(server, { site: frame, env: { adminEmail: 'ada@example.com' } }),
  });
  const read = async () => (await site.get('/.well-known/security.txt')).text;
  const first = await read();
  assert.match(first, /^Contact: mailto:ada@example\.com$/m);
  assert.match(first, /^Canonical: https:\/\/www\.example\.com\/\.well-known\/security\.txt$/m);
  const expiresAtMs = (text: string): number => Date.parse(/^Expires: (.+)$/m.exec(text)?.[1] ?? '');
  assert.ok(expiresAtMs(first) > site.clock.nowMs && expiresAtMs(first) < site.clock.nowMs + 365 * 86_400_000);
  site.clock.nowMs += 2 * 86_400_000;
  assert.ok(expiresAtMs(await read()) > expiresAtMs(first), 'it goes on holding');
});

test('without an address there is nothing to say', async () => {
  await using site = await openTestSite({
    routes: (server, frame) => securityRoutes(server, { site: frame, env: { adminEmail: null } }),
  });
  assert.equal((await site.get('/.well-known/security.txt')).status, 404);
});
