import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { inspect } from 'node:util';
import type { Target } from '@berth/replicate';
import { createS3Server, S3_TEST_CREDENTIALS, type S3Dialect, type S3Fault, type S3Server } from '@berth/testing';
import { list, read } from './conformance.ts';
import { createS3Target, type S3TargetOptions } from './index.ts';

const BUCKET = 'vault';
const PART = 5 * 1024 * 1024;
const text = (value: string): Buffer => Buffer.from(value);

const open = async (
  dialect: S3Dialect = {},
): Promise<{ server: S3Server; target: Target; again(options?: Partial<S3TargetOptions>): Target } & AsyncDisposable> => {
  const server = await createS3Server({ buckets: [BUCKET], dialect });
  const again = (options: Partial<S3TargetOptions> = {}): Target =>
    createS3Target({
      bucket: BUCKET,
      prefix: 'p',
      endpoint: server.endpoint,
      credentials: S3_TEST_CREDENTIALS,
      retry: { firstDelayMs: 1, longestDelayMs: 20, attemptMs: 2_000, totalMs: 5_000 },
      partBytes: PART,
      conditionalWrites: 'trust',
      ...options,
    });
  return { server, again, target: again(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
};

describe('an answer that was lost', () => {
  test('to a write under a condition is not taken for another writer', async () => {
    await using s3 = await open();
    s3.server.faults.add({ fault: { kind: 'lose-response' }, kinds: ['PutObject'] });
    await s3.target.put('a', text('mine'), { ifAbsent: true });
    assert.equal(s3.server.tally.count('PutObject'), 2);
    assert.equal(await read(s3.target, 'a'), 'mine');
  });

  test('is another writer, when it is another that wrote meanwhile', async () => {
    await using s3 = await open();
    let meanwhile: Promise<void> | undefined;
    s3.server.faults.add({
      // Long enough for the other, who comes between the two attempts, with the very same bytes.
      fault: { kind: 'status', status: 503, retryAfterSeconds: 1 },
      kinds: ['PutObject'],
      when: () => {
        meanwhile = s3.again().put('a', text('same'), { ifAbsent: true });
        return true;
      },
    });
    await assert.rejects(s3.target.put('a', text('same'), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
    await meanwhile;
  });

  test('and the same for a write that was acknowledged and lost', async () => {
    await using s3 = await open();
    const other = s3.again();
    s3.server.faults.add({ fault: { kind: 'lose-write' }, kinds: ['PutObject'] });
    // Before the first look at what is there, the other has put something of the same size.
    s3.server.faults.add({
      fault: { kind: 'status', status: 503, retryAfterSeconds: 1 },
      kinds: ['HeadObject'],
      when: () => {
        void other.put('a', text('other'), { ifAbsent: true });
        return true;
      },
    });
    await assert.rejects(s3.target.put('a', text('selfs'), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
    assert.equal(await read(s3.target, 'a'), 'other');
    s3.server.faults.add({ fault: { kind: 'lose-write' }, kinds: ['PutObject'] });
    await s3.target.put('a', text('newer'), {});
    assert.equal(await read(s3.target, 'a'), 'newer');
  });

  test('to the end of an upload in parts is looked for', async () => {
    await using s3 = await open();
    for (const ifAbsent of [false, true]) {
      s3.server.faults.add({ fault: { kind: 'lose-response' }, kinds: ['CompleteMultipartUpload'] });
      await s3.target.put(`large-${ifAbsent}`, Buffer.alloc(PART + 1, 'x'), { ifAbsent });
      assert.equal((await read(s3.target, `large-${ifAbsent}`)).length, PART + 1);
    }
    assert.equal(s3.server.uploads(BUCKET), 0);
  });
});

describe('writing', () => {
  const survived: { what: string; fault: S3Fault; kinds?: 'PutObject' }[] = [
    { what: 'a status of 500', fault: { kind: 'status', status: 500 } },
    { what: 'a status of 503', fault: { kind: 'status', status: 503 } },
    { what: 'a connection that breaks', fault: { kind: 'reset', afterBytes: 10 } },
    { what: 'a write that was acknowledged and lost', fault: { kind: 'lose-write' } },
    { what: 'an error under the status 200', fault: { kind: 'error-body' } },
    { what: 'a clock that is an hour off', fault: { kind: 'skew', ms: -3_600_000 } },
    { what: 'a conflict of two writers', fault: { kind: 'status', status: 409 } },
  ];
  for (const { what, fault } of survived)
    test(`gets over ${what}`, async () => {
      await using s3 = await open();
      for (const ifAbsent of [false, true]) {
        s3.server.faults.add({ fault, kinds: ['PutObject'], times: 2 });
        await s3.target.put(`a-${ifAbsent}`, text('body of some length'), { ifAbsent });
        assert.equal(s3.server.faults.pending, 0);
        assert.equal(await read(s3.target, `a-${ifAbsent}`), 'body of some length');
      }
    });

  test('waits as long as the endpoint asks for', async () => {
    await using s3 = await open();
    s3.server.faults.add({ fault: { kind: 'status', status: 503, retryAfterSeconds: 1 }, kinds: ['PutObject'] });
    const began = performance.now();
    await s3.target.put('a', text('x'), {});
    assert.ok(performance.now() - began >= 1000);
  });

  test('gives up on what never answers, within its time', async () => {
    await using s3 = await open();
    using _ = s3.server.faults.during({ fault: { kind: 'hang' } });
    const target = s3.again({ retry: { attemptMs: 100, totalMs: 300, firstDelayMs: 1 } });
    const began = performance.now();
    await assert.rejects(target.put('a', text('x'), {}), { code: 'TARGET_FAILED' });
    assert.ok(performance.now() - began < 2_000);
  });

  test('in parts gets over parts that fail, and over a 200 that holds an error', async () => {
    await using s3 = await open();
    s3.server.faults.add({ fault: { kind: 'reset', afterBytes: 1_000_000 }, kinds: ['UploadPart'], after: 1, times: 2 });
    s3.server.faults.add({ fault: { kind: 'error-body' }, kinds: ['CompleteMultipartUpload'], times: 2 });
    await s3.target.put('large', Buffer.alloc(3 * PART, 'x'), {});
    assert.equal(s3.server.faults.pending, 0);
    assert.equal((await read(s3.target, 'large')).length, 3 * PART);
  });

  test('leaves no upload behind that fails for good', async () => {
    await using s3 = await open();
    for (const fault of [{ kind: 'status', status: 400 }, { kind: 'lose-write' }] as const) {
      s3.server.faults.add({ fault, kinds: ['UploadPart'], after: 1 });
      await assert.rejects(s3.target.put('large', Buffer.alloc(3 * PART), {}), { code: 'TARGET_FAILED' });
      assert.equal(s3.server.uploads(BUCKET), 0);
    }
    assert.deepEqual(s3.server.keys(BUCKET), []);
  });

  test('without room says so', async () => {
    await using s3 = await open();
    s3.server.faults.add({ fault: { kind: 'status', status: 507 }, kinds: ['PutObject'] });
    await assert.rejects(s3.target.put('a', text('x'), {}), { code: 'TARGET_FULL' });
    s3.server.faults.add({ fault: { kind: 'status', status: 403, code: 'QuotaExceeded' }, kinds: ['PutObject'] });
    await assert.rejects(s3.target.put('a', text('x'), {}), { code: 'TARGET_FULL' });
  });
});

describe('an endpoint that does not know conditions', () => {
  for (const conditionalWrites of ['ignored', 'not-implemented'] as const)
    test(`(${conditionalWrites}) is found out before anything is written`, async () => {
      await using s3 = await open({ conditionalWrites });
      const target = s3.again({ conditionalWrites: 'probe' });
      await assert.rejects(target.put('a', text('x'), { ifAbsent: true }), { code: 'TARGET_NOT_CONDITIONAL' });
      assert.deepEqual(s3.server.keys(BUCKET), []);
      await target.put('a', text('x'), {});
    });

  test('can be used all the same, by who accepts that', async () => {
    await using s3 = await open({ conditionalWrites: 'not-implemented' });
    const target = s3.again({ conditionalWrites: 'check-first' });
    await target.put('a', text('first'), { ifAbsent: true });
    await assert.rejects(target.put('a', text('second'), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
    assert.equal(await read(target, 'a'), 'first');
  });

  test('is asked once', async () => {
    await using s3 = await open();
    const target = s3.again({ conditionalWrites: 'probe' });
    await Promise.all(['a', 'b', 'c'].map((name) => target.put(name, text('x'), { ifAbsent: true })));
    assert.equal(s3.server.tally.count('PutObject'), 5);
    assert.equal(s3.server.tally.count('DeleteObject'), 1);
    assert.deepEqual(s3.server.keys(BUCKET), ['p/a', 'p/b', 'p/c']);
  });
});

describe('reading', () => {
  const body = 'x'.repeat(300_000) + 'y'.repeat(300_000);

  test('goes on where the connection broke, as often as it gets on', async () => {
    await using s3 = await open();
    await s3.target.put('a', text(body), {});
    s3.server.faults.add({ fault: { kind: 'truncate', bytes: 100_000 }, kinds: ['GetObject'] });
    s3.server.faults.add({ fault: { kind: 'reset', afterBytes: 200_000 }, kinds: ['GetObject'] });
    s3.server.faults.add({ fault: { kind: 'status', status: 503 }, kinds: ['GetObject'], times: 2 });
    assert.equal(await read(s3.target, 'a'), body);
    s3.server.faults.add({ fault: { kind: 'truncate', bytes: 50 }, kinds: ['GetObject'], times: 3 });
    assert.equal(await read(s3.target, 'a', { from: 299_900, length: 200 }), 'x'.repeat(100) + 'y'.repeat(100));
    assert.equal(s3.server.faults.pending, 0);
  });

  test('does not mix two versions of an object', async () => {
    await using s3 = await open();
    await s3.target.put('a', text(body), {});
    s3.server.faults.add({ fault: { kind: 'truncate', bytes: 100_000 }, kinds: ['GetObject'] });
    const stream = await s3.target.get('a', {});
    await s3.target.put('a', text(body.toUpperCase()), {});
    await assert.rejects(async () => {
      for await (const _ of stream);
    }, /replaced while it was read/);
  });

  test('gives up when nothing comes any more', async () => {
    await using s3 = await open();
    await s3.target.put('a', text(body), {});
    const target = s3.again({ retry: { attemptMs: 100, totalMs: 300, firstDelayMs: 1, longestDelayMs: 5 } });
    using _ = s3.server.faults.during({ fault: { kind: 'trickle', bytesPerSecond: 1 }, kinds: ['GetObject'] });
    await assert.rejects(read(target, 'a'), { code: 'TARGET_FAILED' });
  });

  test('is not cut while bytes come, however little patience there is', async () => {
    await using s3 = await open();
    await s3.target.put('a', text(body), {});
    const target = s3.again({ retry: { attemptMs: 600, totalMs: 600, firstDelayMs: 1, longestDelayMs: 5 } });
    using _ = s3.server.faults.during({ fault: { kind: 'trickle', bytesPerSecond: 150_000 }, kinds: ['GetObject'] });
    const from = performance.now();
    assert.equal(await read(target, 'a'), body);
    assert.ok(performance.now() - from > 1200);
    assert.equal(s3.server.tally.count('GetObject'), 1);
  });

  test('ends at once when it is aborted', async () => {
    await using s3 = await open();
    await s3.target.put('a', text(body), {});
    using _ = s3.server.faults.during({ fault: { kind: 'trickle', bytesPerSecond: 1000 }, kinds: ['GetObject'] });
    const reason = new Error('enough');
    const aborted = new AbortController();
    await assert.rejects(
      async () => {
        for await (const _chunk of await s3.target.get('a', { signal: aborted.signal })) aborted.abort(reason);
      },
      (error) => error === reason,
    );
  });
});

test('an error under the status 200 is no object, no list and no delete', async () => {
  await using s3 = await open();
  for (const name of ['a', 'b']) await s3.target.put(name, text('x'), {});
  const fault = { kind: 'error-body' } as const;
  s3.server.faults.add({ fault, kinds: ['GetObject'] });
  assert.equal(await read(s3.target, 'a'), 'x');
  s3.server.faults.add({ fault, kinds: ['ListObjectsV2'] });
  assert.deepEqual(await list(s3.target, ''), ['a 1', 'b 1']);
  s3.server.faults.add({ fault, kinds: ['DeleteObjects'] });
  await s3.target.delete(['a', 'b']);
  assert.deepEqual(s3.server.keys(BUCKET), []);
  assert.equal(s3.server.faults.pending, 0);
});

test('a list that is late, turned around or cut is given as it comes', async () => {
  await using s3 = await open({ pageKeys: 2 });
  for (const name of ['a', 'b', 'c']) await s3.target.put(name, text('x'), {});
  s3.server.faults.add({ fault: { kind: 'stale-listing', ageMs: 60_000 } });
  assert.deepEqual(await list(s3.target, ''), []);
  s3.server.faults.add({ fault: { kind: 'cut-listing', keys: 1 } });
  assert.deepEqual(await list(s3.target, ''), ['a 1']);
  s3.server.faults.add({ fault: { kind: 'reorder-listing' } });
  s3.server.faults.add({ fault: { kind: 'status', status: 500 }, kinds: ['ListObjectsV2'], after: 0 });
  assert.deepEqual(await list(s3.target, ''), ['a 1', 'b 1', 'c 1']);
});

test('batches of deletes come with the checksum that all endpoints know, and singly where there are none', async () => {
  await using s3 = await open();
  const names = ['a', 'b', 'c'];
  for (const name of names) await s3.target.put(name, text('x'), {});
  let headers: ReadonlyMap<string, string> = new Map();
  s3.server.faults.add({
    fault: { kind: 'status', status: 501 },
    kinds: ['DeleteObjects'],
    when: (request) => {
      ({ headers } = request);
      return true;
    },
  });
  await s3.target.delete(names);
  assert.ok(headers.has('content-md5'));
  assert.deepEqual(
    [...headers.keys()].filter((name) => name.startsWith('x-amz-checksum') || name === 'x-amz-trailer'),
    [],
  );
  assert.deepEqual([s3.server.tally.count('DeleteObjects'), s3.server.tally.count('DeleteObject')], [1, 3]);
  assert.deepEqual(s3.server.keys(BUCKET), []);
});

describe('keys', () => {
  test('that are wrong are said to be, at once, and shown nowhere', async () => {
    await using s3 = await open();
    s3.server.setCredentials([{ ...S3_TEST_CREDENTIALS, secretAccessKey: 'rotated' }]);
    for (const use of [
      () => s3.target.put('a', text('x'), {}),
      () => s3.target.get('a', {}),
      () => s3.target.delete(['a', 'b']),
      () => list(s3.target, ''),
    ])
      await assert.rejects(use, (error: Error & { code?: string }) => {
        assert.equal(error.code, 'TARGET_DENIED');
        const everything = inspect(error, { depth: 20, showHidden: true, getters: true });
        assert.ok(!everything.includes(S3_TEST_CREDENTIALS.secretAccessKey), everything);
        assert.ok(!everything.includes(S3_TEST_CREDENTIALS.accessKeyId), everything);
        return true;
      });
  });

  test('that are rotated are asked for again', async () => {
    await using s3 = await open();
    let current = S3_TEST_CREDENTIALS;
    const target = s3.again({ credentials: async () => current });
    await target.put('a', text('1'), {});
    current = { ...current, secretAccessKey: 'rotated' };
    s3.server.setCredentials([current]);
    await target.put('a', text('2'), {});
    assert.equal(await read(target, 'a'), '2');
  });
});
