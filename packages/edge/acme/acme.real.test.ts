import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import type { BerthError } from '@berth/core';
import { type Pebble, startPebble, temporaryDirectory, waitUntil, whyNoPebble } from '@berth/testing';
import { ask, startLoad } from '../testing/client.ts';
import { type EdgeFixture, host, never, route, service, startEdge, state } from '../testing/edge-fixture.ts';
import { startToyBackend } from '../testing/toy-backend.ts';
import { type AcmeClient, type AcmeOptions, createAcmeClient } from './client.ts';

const skip = whyNoPebble() ?? false;
const MINUTE_MS = 60_000;

type Stage = AsyncDisposable & {
  readonly edge: EdgeFixture;
  readonly pebble: Pebble;
  readonly home: string;
  client(parts?: Partial<AcmeOptions>): AcmeClient;
};

/** An edge that answers the challenges of a pebble. */
const setUp = async (options: { nonceReject?: number; authzReuse?: number } = {}): Promise<Stage> => {
  await using stack = new AsyncDisposableStack();
  const edge = stack.use(await startEdge());
  const directory = stack.use(await temporaryDirectory());
  const pebble = stack.use(await startPebble({ httpPort: edge.http, ...options }));
  await edge.edge.apply(state(edge, { listeners: { httpsPort: edge.https } }), never);
  const owned = stack.move();
  return {
    edge,
    pebble,
    home: directory.path,
    client: (parts = {}) =>
      createAcmeClient({
        home: directory.path,
        directory: pebble.directory,
        email: 'ann@example.com',
        termsAgreed: true,
        ca: pebble.ca,
        answerHttp: async ({ name, token, answer }) => {
          await edge.edge.challenges.answer({ host: name, token, answer });
          return () => edge.edge.challenges.withdraw({ host: name, token });
        },
        dns: null,
        version: 'test',
        now: Date.now,
        pollMs: 50,
        patience: [10, 20],
        ...parts,
      }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};

const http = (...names: string[]) => ({ names, proof: 'http' as const, renews: null });
const namesOf = (chain: string) => new X509Certificate(chain).subjectAltName?.replaceAll('DNS:', '').split(', ').toSorted();
const codeOf = (error: unknown) => (error as BerthError).code;
const problems = (error: unknown) => `${codeOf(error)}: ${(error as Error).message}`;

test('a certificate for one name and for several, proven over HTTP on the running edge', { skip }, async () => {
  await using stage = await setUp({ nonceReject: 40 });
  const client = stage.client();
  const one = await client.obtain(http('a.example.com'), never);
  assert.deepEqual(namesOf(one.chain), ['a.example.com']);
  const several = await client.obtain(http('a.example.com', 'b.example.com', 'c.example.com'), never);
  assert.deepEqual(namesOf(several.chain), ['a.example.com', 'b.example.com', 'c.example.com']);
  // What the edge takes is checked: the key belongs to the leaf, the chain is one.
  await stage.edge.edge.certificates.setIssued(['a.example.com', 'b.example.com'], several);
  assert.equal(await stage.edge.edge.certificates.issuedChain('c.example.com'), null);
  assert.match(
    (await ask({ port: stage.edge.http, host: 'a.example.com', path: '/.well-known/acme-challenge/x' })).body,
    /Not found/,
  );

  const accounts = readdirSync(`${stage.home}/accounts`);
  assert.equal(accounts.length, 1);
  assert.equal(statSync(`${stage.home}/accounts/${accounts[0]}`).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(`${stage.home}/orders`), [], 'an order that is fulfilled is forgotten');
});

test('one account is used by every client of a home, changed with its e-mail, and registered anew where it was forgotten', {
  skip,
}, async () => {
  await using stage = await setUp();
  const { front } = stage.pebble;
  await stage.client().obtain(http('a.example.com'), never);
  await stage.client().obtain(http('b.example.com'), never);
  assert.equal(front.accounts, 1);
  await stage.client({ email: 'bob@example.com' }).obtain(http('c.example.com'), never);
  assert.equal(front.accounts, 1);
  assert.ok(
    front.asked.some((line) => line.startsWith('POST /my-account/')),
    'the e-mail was changed',
  );
  const key = () => JSON.parse(readFileSync(`${stage.home}/accounts/${readdirSync(`${stage.home}/accounts`)[0]}`, 'utf8')).key;
  const before = key();
  await stage.pebble.restart();
  const { chain } = await stage.client({ email: 'bob@example.com' }).obtain(http('d.example.com'), never);
  assert.deepEqual(namesOf(chain), ['d.example.com']);
  assert.equal(front.accounts, 2);
  assert.equal(key(), before);
  await assert.rejects(stage.client({ home: `${stage.home}/2`, termsAgreed: false }).obtain(http('e.example.com'), never), {
    code: 'ACME_TERMS_NOT_AGREED',
  });
});

test('names that the authority remembers as proven are not proven again', { skip }, async () => {
  await using stage = await setUp({ authzReuse: 100 });
  let proofs = 0;
  const client = stage.client({
    answerHttp: async ({ name, token, answer }) => {
      proofs += 1;
      await stage.edge.edge.challenges.answer({ host: name, token, answer });
      return () => stage.edge.edge.challenges.withdraw({ host: name, token });
    },
  });
  await client.obtain(http('a.example.com'), never);
  await client.obtain(http('a.example.com', 'b.example.com'), never);
  assert.equal(proofs, 2);
});

test('a wildcard is proven by DNS records that a command writes and removes', { skip }, async () => {
  await using stage = await setUp();
  const program = new URL('../testing/dns-hook.ts', import.meta.url).pathname;
  const hook = [process.execPath, program, stage.pebble.dns.management];
  const dns = { hook, resolver: stage.pebble.dns.address, withinMs: 10_000, everyMs: 50 };
  const wanted = { names: ['example.com', '*.example.com'], proof: 'dns' as const, renews: null };
  const { chain } = await stage.client({ dns }).obtain(wanted, never);
  assert.deepEqual(namesOf(chain), ['*.example.com', 'example.com']);

  await assert.rejects(stage.client().obtain({ ...wanted, proof: 'http' }, never), { code: 'ACME_DNS_HOOK_MISSING' });
  const cases: readonly { name: string; hook: readonly string[]; code: string; says: RegExp }[] = [
    {
      name: 'fails',
      hook: ['sh', '-c', 'echo the provider said no >&2; exit 3'],
      code: 'ACME_DNS_HOOK_FAILED',
      says: /the provider said no/,
    },
    { name: 'does not exist', hook: ['/nowhere/hook'], code: 'ACME_DNS_HOOK_FAILED', says: /nowhere/ },
    { name: 'hangs', hook: ['sh', '-c', 'sleep 60'], code: 'ACME_DNS_HOOK_FAILED', says: /sleep 60 present example\.net/ },
    {
      name: 'does nothing',
      hook: ['true'],
      code: 'ACME_DNS_RECORD_NOT_SEEN',
      says: /_acme-challenge\.example\.net .*ENOTFOUND|ENODATA/,
    },
  ];
  for (const { name, hook: broken, code, says } of cases) {
    const client = stage.client({ dns: { ...dns, hook: broken, hookMs: name === 'hangs' ? 500 : 20_000, withinMs: 200 } });
    const error = await client
      .obtain({ names: ['*.example.net'], proof: 'dns', renews: null }, never)
      .catch((thrown: unknown) => thrown);
    assert.match(problems(error), new RegExp(`^${code}`), name);
    assert.match(problems(error), says, name);
  }
});

test('renewal information is asked for and orders name what they replace', { skip }, async () => {
  await using stage = await setUp();
  const client = stage.client();
  const { chain } = await client.obtain(http('a.example.com'), never);
  assert.equal(await client.renewalInfo(chain, never), null, 'pebble does not offer it');
  const { front } = stage.pebble;
  const start = new Date(Date.now() + MINUTE_MS);
  front.renewal = { start, end: new Date(start.getTime() + MINUTE_MS), retryAfterS: 3_600 };
  const info = await stage.client().renewalInfo(chain, never);
  assert.deepEqual(info?.start, start);
  assert.ok(Math.abs((info?.askAgainAt.getTime() ?? 0) - Date.now() - 3_600_000) < 10_000);
  await stage.client().obtain({ ...http('a.example.com'), renews: chain }, never);
  assert.deepEqual(front.replaced, front.renewalsAsked);
  // One that knows nothing of the certificate, or of another owner of it, issues all the same.
  front.fail({ kind: 'answer', status: 403, type: 'unauthorized', detail: 'not yours' }, { path: '/order-plz', times: 1 });
  await stage.client().obtain({ ...http('a.example.com'), renews: chain }, never);
  front.fail({ kind: 'answer', status: 409, type: 'alreadyReplaced', detail: 'already' }, { path: '/order-plz', times: 1 });
  await stage.client().obtain({ ...http('a.example.com'), renews: chain }, never);
});

test('what an authority refuses is told by what it means', { skip }, async (t) => {
  await using stage = await setUp();
  const { front, dns } = stage.pebble;
  const rateLimit = 'too many certificates already issued, retry after 2031-02-03 04:05:06 UTC: see …';
  const cases: readonly { name: string; arrange: () => unknown; code: string; says: RegExp; host?: string }[] = [
    {
      name: 'a rate limit with Retry-After',
      arrange: () =>
        front.fail(
          { kind: 'answer', status: 429, type: 'rateLimited', detail: 'slow down', headers: { 'retry-after': '7200' } },
          { path: '/order-plz' },
        ),
      code: 'ACME_RATE_LIMITED',
      says: new RegExp(`until ${new Date(Date.now() + 7_200_000).toISOString().slice(0, 13)}`),
    },
    {
      name: 'a rate limit in words',
      arrange: () => front.fail({ kind: 'answer', status: 429, type: 'rateLimited', detail: rateLimit }, { path: '/order-plz' }),
      code: 'ACME_RATE_LIMITED',
      says: /until 2031-02-03T04:05:06/,
    },
    {
      name: 'CAA',
      arrange: () =>
        front.fail(
          { kind: 'answer', status: 403, type: 'caa', detail: 'CAA record for example.com prevents issuance' },
          { path: '/order-plz' },
        ),
      code: 'ACME_CAA_FORBIDS',
      says: /prevents issuance/,
    },
    {
      name: 'a name that it does not issue for',
      arrange: () =>
        front.fail({ kind: 'answer', status: 400, type: 'rejectedIdentifier', detail: 'policy forbids' }, { path: '/order-plz' }),
      code: 'ACME_REFUSED',
      says: /policy forbids/,
    },
    {
      name: 'a name that DNS does not know',
      host: 'broken.example.com',
      arrange: () => dns.fail('broken.example.com'),
      code: 'ACME_DNS_FAILED',
      says: /broken\.example\.com/,
    },
    {
      name: 'an address where nobody listens',
      host: 'closed.example.com',
      arrange: () => dns.setAddresses('closed.example.com', { v4: ['127.0.0.3'] }),
      code: 'ACME_CONNECTION_FAILED',
      says: /closed\.example\.com/,
    },
  ];
  for (const { name, arrange, code, says, host: asked = 'a.example.com' } of cases) {
    await t.test(name, async () => {
      await arrange();
      const error = await stage
        .client()
        .obtain(http(asked), never)
        .catch((thrown: unknown) => thrown);
      front.heal();
      assert.match(problems(error), new RegExp(`^${code}`));
      assert.match(problems(error), says);
    });
  }
  await t.test('an answer that is another’s', async () => {
    const wrong = stage.client({
      answerHttp: async ({ name, token }) => {
        await stage.edge.edge.challenges.answer({ host: name, token, answer: 'something-else' });
        return () => stage.edge.edge.challenges.withdraw({ host: name, token });
      },
    });
    await assert.rejects(wrong.obtain(http('wrong.example.com'), never), { code: 'ACME_CHALLENGE_FAILED' });
  });
});

test('an authority that is down, slow or broken is tried again, and then said to be', { skip }, async (t) => {
  await using stage = await setUp();
  const { front } = stage.pebble;
  await t.test('it recovers within moments', async () => {
    front.fail({ kind: 'drop' }, { path: '/order-plz', times: 1 });
    front.fail({ kind: 'answer', status: 503, headers: { 'retry-after': '0' } }, { path: '/finalize-order', times: 2 });
    front.fail({ kind: 'slow', ms: 300 }, { path: '/my-order', times: 2 });
    await stage.client().obtain(http('a.example.com'), never);
  });
  const down = [
    { name: 'drops connections', fault: { kind: 'drop' }, says: /socket hang up|ECONNRESET/ },
    { name: 'answers 500', fault: { kind: 'answer', status: 500, type: 'serverInternal' }, says: /answered 500/ },
    { name: 'never answers', fault: { kind: 'hang' }, says: /no answer within 0\.3 s/ },
    {
      name: 'is in maintenance for long',
      fault: { kind: 'answer', status: 503, headers: { 'retry-after': '3600' } },
      says: /answered 503/,
    },
  ] as const;
  for (const { name, fault, says } of down) {
    await t.test(`it ${name}`, async () => {
      front.fail(fault, { path: '/order-plz' });
      await assert.rejects(stage.client({ requestMs: 300 }).obtain(http('b.example.com'), never), {
        code: 'ACME_UNREACHABLE',
        message: says,
      });
      front.heal();
    });
  }
  await t.test('nobody is there, or somebody else is', async () => {
    await assert.rejects(stage.client({ directory: 'https://127.0.0.1:1/dir' }).obtain(http('c.example.com'), never), {
      code: 'ACME_UNREACHABLE',
      message: /ECONNREFUSED/,
    });
    await assert.rejects(stage.client({ ca: null }).obtain(http('c.example.com'), never), {
      code: 'ACME_UNREACHABLE',
      message: /certificate/,
    });
    await assert.rejects(stage.client({ directory: `${stage.pebble.directory}x` }).obtain(http('c.example.com'), never), {
      code: 'ACME_DIRECTORY_INVALID',
    });
  });
});

test('an order that was cut off goes on, wherever it was', { skip }, async (t) => {
  await using stage = await setUp();
  const { front } = stage.pebble;
  // The last request that gets through; what comes after it is cut off.
  const cuts = ['/order-plz', '/authZ/', '/chalZ/', '/finalize-order/', '/certZ/'];
  for (const [n, path] of cuts.entries()) {
    await t.test(`at ${path}`, async () => {
      const name = `cut${n}.example.com`;
      const ending = new AbortController();
      front.fail({ kind: 'hang' }, { path });
      const pending = stage.client().obtain(http(name), ending.signal);
      const before = front.asked.length;
      await waitUntil(() => front.asked.slice(before).some((line) => line.includes(path)), {
        what: `the order comes to ${path}`,
      });
      ending.abort(new Error('killed'));
      await assert.rejects(pending, /killed/);
      front.heal();
      const made = front.orders;
      const { chain, key } = await stage.client().obtain(http(name), never);
      assert.ok(new X509Certificate(chain).checkHost(name) !== undefined && key.includes('PRIVATE KEY'));
      assert.equal(front.orders - made, path === '/order-plz' ? 1 : 0, 'the order that was begun is the one that is fulfilled');
    });
  }
  await t.test('an order that the authority has forgotten is begun anew', async () => {
    const ending = new AbortController();
    front.fail({ kind: 'hang' }, { path: '/authZ/' });
    const before = front.asked.length;
    const pending = stage.client().obtain(http('lost.example.com'), ending.signal);
    await waitUntil(() => front.asked.slice(before).some((line) => line.includes('/authZ/')), { what: 'the order was made' });
    ending.abort(new Error('killed'));
    await assert.rejects(pending, /killed/);
    front.heal();
    await stage.pebble.restart();
    assert.deepEqual(namesOf((await stage.client().obtain(http('lost.example.com'), never)).chain), ['lost.example.com']);
  });
});

test('renewal on the running edge loses no request', { skip }, async () => {
  await using stage = await setUp();
  const { edge, pebble } = stage;
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  const name = 'pad.example.com';
  const services = [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port: toy.port }] })];
  await edge.edge.apply(
    state(edge, { listeners: { httpsPort: edge.https }, services, hosts: [host(name, [route('/', 'web')])] }),
    never,
  );
  const renew = async () => edge.edge.certificates.setIssued([name], await stage.client().obtain(http(name), never));
  const first = await renew();
  const ca = await pebble.root();
  const reloads = edge.events.filter(({ event }) => event === 'edge.reloaded').length;
  const load = startLoad({ clients: 4, pauseMs: () => 5, ask: () => ask({ port: edge.https, host: name, ca }) });
  const kept = startLoad({
    clients: 8,
    pauseMs: () => 5,
    ask: (agent) => ask({ port: edge.http, host: name, agent }),
    expect: ({ status }) => status === 308,
  });
  const fingerprints = new Set([first.fingerprint]);
  for (let n = 0; n < 3; n += 1) fingerprints.add((await renew()).fingerprint);
  const results = [await load.stop(), await kept.stop()];
  assert.deepEqual(
    results.map(({ failures }) => failures),
    [[], []],
  );
  assert.ok(
    results.every(({ answered }) => answered > 100),
    JSON.stringify(results),
  );
  assert.equal(fingerprints.size, 4);
  assert.equal(edge.events.filter(({ event }) => event === 'edge.reloaded').length, reloads);
});
