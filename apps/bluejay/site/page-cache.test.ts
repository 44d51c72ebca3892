import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import { createAnswer } from './answer.ts';
import { createPageCache, type Made } from './page-cache.ts';

const page = (text: string, more: Partial<Made> = {}): Made => ({
  answer: createAnswer(text, { contentType: 'text/html', cacheControl: 'no-cache' }),
  tags: [],
  expiresAtMs: null,
  key: text,
  ...more,
});
const ready = (): Promise<void> => Promise.resolve();

test('what is kept is found until one of its tags changes', async () => {
  const cache = createPageCache({ maxBytes: 1e6, now: () => 0 });
  await cache.make('a', ready, () => page('a', { tags: ['product:1', 'product:*'] }));
  await cache.make('b', ready, () => page('b', { tags: ['product:2'] }));
  cache.drop(['product:1', 'other']);
  assert.equal(cache.find('a'), undefined);
  assert.ok(cache.find('b'));
  cache.drop(['*']);
  assert.deepEqual([cache.size, cache.bytes], [0, 0]);
});

test('what is kept ends at its moment', async () => {
  let now = 1_000;
  const cache = createPageCache({ maxBytes: 1e6, now: () => now });
  await cache.make('a', ready, () => page('a', { expiresAtMs: 2_000 }));
  await cache.make('late', ready, () => page('late', { expiresAtMs: 1_000 }));
  assert.equal(cache.find('late'), undefined, 'it was over when it was made');
  now = 1_999;
  assert.ok(cache.find('a'));
  now = 2_000;
  assert.equal(cache.find('a'), undefined);
  assert.equal(cache.bytes, 0);
});

test('requests for the same at once make it once, and a failure is not kept', async () => {
  let made = 0;
  const cache = createPageCache({ maxBytes: 1e6, now: () => 0 });
  const failing = Array.from({ length: 5 }, () =>
    cache.make('a', ready, () => {
      made += 1;
      throw new Error('broken');
    }),
  );
  for (const result of await Promise.allSettled(failing)) assert.equal(result.status, 'rejected');
  await Promise.all(
    Array.from({ length: 5 }, () =>
      cache.make('a', ready, () => {
        made += 1;
        return page('a');
      }),
    ),
  );
  assert.equal(made, 2);
});

test('a change between making a page and keeping it is not lost', async () => {
  const cache = createPageCache({ maxBytes: 1e6, now: () => 0 });
  const made = cache.make('a', ready, () => {
    // Whatever waits for the same tick may change content as soon as this returns.
    queueMicrotask(() => cache.drop(['product:1']));
    return page('a', { tags: ['product:1'] });
  });
  await made;
  assert.equal(cache.find('a'), undefined);
});

test('whatever is kept, used, compressed and dropped: never more bytes than allowed, the least used goes first', async () => {
  const maxBytes = 200_000;
  const random = createRandom(17);
  const cache = createPageCache({ maxBytes, now: () => 0 });
  for (let round = 0; round < 3_000; round += 1) {
    const key = `page-${random.integer(0, 400)}`;
    const action = random.integer(0, 5);
    if (action === 0) cache.drop([`tag:${random.integer(0, 20)}`]);
    else if (action === 1) {
      const answer = cache.find(key);
      if (answer !== undefined) cache.grow(key, answer, random.integer(1, 2_000));
    } else {
      const made = page('x'.repeat(random.integer(0, 8_000)), { key, tags: [`tag:${random.integer(0, 20)}`, 'tag:all'] });
      await cache.make(key, ready, () => made);
      assert.equal(cache.find(key), made.answer, 'the newest is there');
    }
    assert.ok(cache.bytes <= maxBytes, `${cache.bytes} bytes`);
  }
  assert.ok(cache.size > 10);
  cache.drop(['tag:all']);
  assert.deepEqual([cache.size, cache.bytes], [0, 0], 'nothing is counted twice or forgotten');
});

test('a page larger than a quarter of everything is not kept, nor anything when nothing may be', async () => {
  const small = createPageCache({ maxBytes: 20_000, now: () => 0 });
  await small.make('a', ready, () => page('x'.repeat(6_000), { key: 'a' }));
  assert.equal(small.size, 0);
  const none = createPageCache({ maxBytes: 0, now: () => 0 });
  await none.make('a', ready, () => page('a'));
  assert.equal(none.size, 0);
});
