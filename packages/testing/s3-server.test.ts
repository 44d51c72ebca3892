import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { createS3Server, S3_TEST_CREDENTIALS, type S3Server, temporaryDirectory, waitUntil } from './index.ts';
import { findElements, findText } from './s3-xml.ts';

const BUCKET = 'tests';

type Ask = {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly keyId?: string;
  readonly at?: Date;
};

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** Signs by the words of the specification, apart from the server's own code. Path and query have to be canonical already. */
const ask = async (server: S3Server, { method = 'GET', path, body = '', headers = {}, ...who }: Ask): Promise<Response> => {
  const { secret = S3_TEST_CREDENTIALS.secretAccessKey, keyId = S3_TEST_CREDENTIALS.accessKeyId, at = new Date() } = who;
  const timestamp = at.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const day = timestamp.slice(0, 8);
  const [bare = '', query = ''] = path.split('?');
  const signed: Record<string, string> = {
    host: `127.0.0.1:${server.port}`,
    'x-amz-content-sha256': hash(body),
    'x-amz-date': timestamp,
    ...headers,
  };
  const names = Object.keys(signed).sort();
  const canonical = [
    method,
    bare,
    query,
    ...names.map((name) => `${name}:${signed[name]}`),
    '',
    names.join(';'),
    signed['x-amz-content-sha256'],
  ].join('\n');
  const scope = `${day}/us-east-1/s3/aws4_request`;
  const key = scope.split('/').reduce<string | Buffer>((derived, part) => hmac(derived, part), `AWS4${secret}`);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', timestamp, scope, hash(canonical)].join('\n')).toString('hex');
  const { host: _, ...sent } = signed;
  return fetch(`${server.endpoint}${path}`, {
    method,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 Credential=${keyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
    ...(body === '' ? {} : { body }),
  });
};

const put = (server: S3Server, key: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
  ask(server, { method: 'PUT', path: `/${BUCKET}/${key}`, body, headers });
const get = (server: S3Server, key: string, headers: Record<string, string> = {}): Promise<Response> =>
  ask(server, { path: `/${BUCKET}/${key}`, headers });
const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${findText(await response.text(), 'Code') ?? 'without a code'}`;

describe('signatures', () => {
  const refused: { what: string; wanted: string; ask: Partial<Ask> }[] = [
    { what: 'a wrong secret', wanted: '403 SignatureDoesNotMatch', ask: { secret: 'x' } },
    { what: 'an unknown key', wanted: '403 InvalidAccessKeyId', ask: { keyId: 'SOMEBODY' } },
    { what: 'a clock that is an hour slow', wanted: '403 RequestTimeTooSkewed', ask: { at: new Date(Date.now() - 3_600_000) } },
    { what: 'a clock that is an hour fast', wanted: '403 RequestTimeTooSkewed', ask: { at: new Date(Date.now() + 3_600_000) } },
    {
      what: 'a body that is not the signed one',
      wanted: '400 XAmzContentSHA256Mismatch',
      ask: { method: 'PUT', body: 'a', headers: { 'x-amz-content-sha256': hash('b') } },
    },
    {
      what: 'a body that is not that of its Content-MD5',
      wanted: '400 BadDigest',
      ask: { method: 'PUT', body: 'a', headers: { 'content-md5': createHash('md5').update('b').digest('base64') } },
    },
  ];
  for (const { what, wanted, ask: asked } of refused)
    test(`${what} is refused`, async () => {
      await using server = await createS3Server({ buckets: [BUCKET] });
      assert.equal(await codeOf(await ask(server, { path: `/${BUCKET}/a`, ...asked })), wanted);
      assert.deepEqual(server.keys(BUCKET), []);
    });

  test('without a signature nothing is given away', async () => {
    await using server = await createS3Server({ buckets: [BUCKET] });
    await put(server, 'a', 'secret');
    assert.equal(await codeOf(await fetch(`${server.endpoint}/${BUCKET}/a`)), '403 AccessDenied');
  });

  test('credentials may be for some buckets only, and be rotated', async () => {
    const own = { accessKeyId: 'OWN', secretAccessKey: 'own', buckets: [BUCKET] };
    await using server = await createS3Server({ buckets: [BUCKET, 'other'], credentials: [own] });
    const as = { keyId: 'OWN', secret: 'own' };
    assert.equal((await ask(server, { path: `/${BUCKET}`, ...as })).status, 200);
    assert.equal(await codeOf(await ask(server, { path: '/other', ...as })), '403 AccessDenied');
    server.setCredentials([{ ...own, secretAccessKey: 'new' }]);
    assert.equal(await codeOf(await ask(server, { path: `/${BUCKET}`, ...as })), '403 SignatureDoesNotMatch');
  });
});

describe('conditional writes', () => {
  test('of ten that come at once for an absent object, one wins', async () => {
    await using server = await createS3Server({ buckets: [BUCKET] });
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => put(server, 'one', `body ${i}`, { 'if-none-match': '*' })),
    );
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, ...Array.from({ length: 9 }, () => 412)],
    );
  });

  test('If-Match compares with what is there', async () => {
    await using server = await createS3Server({ buckets: [BUCKET] });
    assert.equal(await codeOf(await put(server, 'a', '1', { 'if-match': '"x"' })), '404 NoSuchKey');
    const etag = (await put(server, 'a', '1')).headers.get('etag') ?? '';
    assert.equal(etag, `"${createHash('md5').update('1').digest('hex')}"`);
    assert.equal(await codeOf(await put(server, 'a', '2', { 'if-match': '"x"' })), '412 PreconditionFailed');
    assert.equal((await put(server, 'a', '2', { 'if-match': etag })).status, 200);
    assert.equal(await (await get(server, 'a')).text(), '2');
  });

  test('an endpoint can be one that ignores them', async () => {
    await using server = await createS3Server({ buckets: [BUCKET], dialect: { conditionalWrites: 'ignored' } });
    for (const body of ['1', '2']) assert.equal((await put(server, 'a', body, { 'if-none-match': '*' })).status, 200);
  });
});

describe('reading', () => {
  const ranges: { range: string; status: number; body: string }[] = [
    { range: 'bytes=0-3', status: 206, body: '0123' },
    { range: 'bytes=7-', status: 206, body: '789' },
    { range: 'bytes=-2', status: 206, body: '89' },
    { range: 'bytes=8-99', status: 206, body: '89' },
    { range: 'lines=1-2', status: 200, body: '0123456789' },
  ];
  for (const { range, status, body } of ranges)
    test(`the range ${range} gives "${body}"`, async () => {
      await using server = await createS3Server({ buckets: [BUCKET] });
      await put(server, 'a', '0123456789');
      const response = await get(server, 'a', { range });
      assert.deepEqual({ status: response.status, body: await response.text() }, { status, body });
    });

  test('behind the end there is no range', async () => {
    await using server = await createS3Server({ buckets: [BUCKET] });
    await put(server, 'a', '0123456789');
    assert.equal(await codeOf(await get(server, 'a', { range: 'bytes=10-' })), '416 InvalidRange');
  });
});

test('listings come in pages, in the order of UTF-8, with common prefixes named once', async () => {
  await using server = await createS3Server({ buckets: [BUCKET], dialect: { pageKeys: 2 } });
  const keys = ['a/1', 'a/2', 'a/3', 'b', 'c/1', '\uffee', '\u{1f600}'];
  for (const key of keys.toReversed()) await put(server, encodeURIComponent(key).replaceAll('%2F', '/'), key);
  const list = async (query: string): Promise<string[][]> => {
    const pages: string[][] = [];
    for (let token: string | undefined = ''; token !== undefined; ) {
      const sorted = [query, 'list-type=2', ...(token === '' ? [] : [`continuation-token=${token}`])].filter(Boolean).sort();
      const xml = await (await ask(server, { path: `/${BUCKET}?${sorted.join('&')}` })).text();
      pages.push([
        ...findElements(xml, 'Contents').map((entry) => findText(entry, 'Key') ?? ''),
        ...findElements(xml, 'CommonPrefixes').map((entry) => findText(entry, 'Prefix') ?? ''),
      ]);
      token = findText(xml, 'NextContinuationToken');
    }
    return pages;
  };
  assert.deepEqual(await list(''), [['a/1', 'a/2'], ['a/3', 'b'], ['c/1', '\uffee'], ['\u{1f600}']]);
  assert.deepEqual(await list('delimiter=%2F'), [['b', 'a/'], ['\uffee', 'c/'], ['\u{1f600}']]);
  assert.deepEqual(await list('prefix=a%2F'), [['a/1', 'a/2'], ['a/3']]);
});

test('a directory is found again by the next server, and holds nothing of what was replaced', async () => {
  await using directory = await temporaryDirectory();
  {
    await using server = await createS3Server({ buckets: [BUCKET], directory: directory.path });
    for (const body of ['old', 'new']) await put(server, 'a', body, { 'x-amz-meta-note': 'kept' });
    await put(server, 'b', 'gone');
    await ask(server, { method: 'DELETE', path: `/${BUCKET}/b` });
  }
  await using server = await createS3Server({ buckets: [BUCKET], directory: directory.path });
  const response = await get(server, 'a');
  assert.deepEqual([await response.text(), response.headers.get('x-amz-meta-note')], ['new', 'kept']);
  assert.deepEqual(server.keys(BUCKET), ['a']);
});

describe('faults', () => {
  const open = () => createS3Server({ buckets: [BUCKET] });

  test('come to the requests that were meant, as often as was said', async () => {
    await using server = await open();
    server.faults.add({ fault: { kind: 'status', status: 503 }, kinds: ['PutObject'], after: 1, times: 2 });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      statuses.push((await put(server, `k${i}`, 'x')).status);
      assert.equal((await ask(server, { path: `/${BUCKET}` })).status, 200);
    }
    assert.deepEqual(statuses, [200, 503, 503, 200]);
    assert.equal(server.faults.pending, 0);
  });

  test('an outage ends with its block', async () => {
    await using server = await open();
    {
      using _ = server.faults.during({ fault: { kind: 'reset' } });
      await assert.rejects(put(server, 'a', 'x'));
      await assert.rejects(get(server, 'a'));
      await assert.rejects(ask(server, { method: 'HEAD', path: `/${BUCKET}` }));
    }
    assert.equal((await put(server, 'a', 'x')).status, 200);
  });

  test('a write that is lost was acknowledged, and one whose answer is lost was done', async () => {
    await using server = await open();
    server.faults.add({ fault: { kind: 'lose-write' } });
    assert.equal((await put(server, 'lost', 'x')).status, 200);
    server.faults.add({ fault: { kind: 'lose-response' } });
    await assert.rejects(put(server, 'done', 'x'));
    assert.deepEqual(server.keys(BUCKET), ['done']);
  });

  test('a reset in the middle of a write leaves nothing', async () => {
    await using server = await open();
    server.faults.add({ fault: { kind: 'reset', afterBytes: 5 } });
    await assert.rejects(put(server, 'a', 'x'.repeat(1_000_000)));
    assert.deepEqual(server.keys(BUCKET), []);
  });

  test('a read can be cut off, honestly or not, slow, or wrong by a bit', async () => {
    await using server = await open();
    await put(server, 'a', 'abcdef');
    server.faults.add({ fault: { kind: 'truncate', bytes: 3 } });
    await assert.rejects((await get(server, 'a')).text());
    server.faults.add({ fault: { kind: 'truncate', bytes: 3, honestLength: true } });
    assert.equal(await (await get(server, 'a')).text(), 'abc');
    server.faults.add({ fault: { kind: 'flip-bit', at: 1 } });
    assert.equal(await (await get(server, 'a')).text(), 'accdef');
    server.faults.add({ fault: { kind: 'trickle', bytesPerSecond: 60 } });
    const began = performance.now();
    assert.equal(await (await get(server, 'a')).text(), 'abcdef');
    assert.ok(performance.now() - began >= 80, 'it was not slow');
  });

  test('what hangs is let go by the client', async () => {
    await using server = await open();
    server.faults.add({ fault: { kind: 'hang' } });
    await assert.rejects(fetch(`${server.endpoint}/${BUCKET}/a`, { signal: AbortSignal.timeout(50) }), { name: 'TimeoutError' });
  });

  test('a listing can be late, turned around, or cut', async () => {
    await using server = await open();
    const list = async (): Promise<string[]> =>
      findElements(await (await ask(server, { path: `/${BUCKET}?list-type=2` })).text(), 'Key');
    await put(server, 'a', '1');
    const before = Date.now();
    await waitUntil(() => Date.now() > before + 5, { what: 'the clock has moved on' });
    await put(server, 'b', '1');
    await ask(server, { method: 'DELETE', path: `/${BUCKET}/a` });
    assert.deepEqual(await list(), ['b']);
    server.faults.add({ fault: { kind: 'stale-listing', ageMs: Date.now() - before - 2 } });
    assert.deepEqual(await list(), ['a']);
    await put(server, 'c', '1');
    server.faults.add({ fault: { kind: 'reorder-listing' } });
    assert.deepEqual(await list(), ['c', 'b']);
    server.faults.add({ fault: { kind: 'cut-listing', keys: 1 } });
    assert.deepEqual(await list(), ['b']);
  });

  test('the clock of the server can be another', async () => {
    await using server = await open();
    server.faults.add({ fault: { kind: 'skew', ms: 3_600_000 } });
    assert.equal(await codeOf(await put(server, 'a', 'x')), '403 RequestTimeTooSkewed');
  });
});

test('requests are counted by their kind, and priced', async () => {
  await using server = await createS3Server({ buckets: [BUCKET] });
  for (const key of ['a', 'b']) await put(server, key, '1234');
  await (await get(server, 'a')).text();
  await ask(server, { method: 'DELETE', path: `/${BUCKET}/a` });
  assert.deepEqual(server.tally.byKind, { PutObject: 2, GetObject: 1, DeleteObject: 1 });
  assert.equal(server.tally.count(), 4);
  assert.deepEqual([server.tally.received, server.tally.sent], [8, 4]);
  assert.ok(Math.abs(server.tally.dollars - 10.4e-6) < 1e-12);
});
