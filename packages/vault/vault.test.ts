import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Target } from '@berth/replicate';
import { createIdentity, recipientOf, wrap } from '@berth/secrets';
import {
  createRandom,
  createS3Server,
  S3_TEST_CREDENTIALS,
  type S3Fault,
  type S3Server,
  temporaryDirectory,
  waitUntil,
} from '@berth/testing';
import { list } from './conformance.ts';
import { createVaultId, type Installation, openTarget, openVault, type OpenVaultOptions, type Vault } from './index.ts';

const NOW = Date.UTC(2026, 1, 10, 12);
const HERE: Installation = { id: 'installation-1', host: 'marker-host-one' };
const THERE: Installation = { id: 'installation-2', host: 'marker-host-two' };
const STORE = { id: '0f3a', app: 'marker-app', store: 'marker-store', kind: 'sqlite', path: 'marker-path.db' } as const;
const POINT = {
  number: 7,
  app: 'marker-app',
  at: NOW,
  kind: 'deploy',
  label: 'marker-label',
  release: 3,
  positions: { '0f3a': { kind: 'sqlite', lineage: 'marker-lineage', txid: 4711 } },
};

const retry = { firstDelayMs: 1, longestDelayMs: 10, attemptMs: 2000, totalMs: 20_000 };

type Place = AsyncDisposable & {
  /** As another process would open it. */
  again(): Promise<Target>;
  readonly server?: S3Server;
};

const openDirectory = async (): Promise<Place> => {
  const directory = await temporaryDirectory();
  return {
    again: () => openTarget({ url: `dir:${directory.join('vault')}` }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
};

const openS3 = (fault?: () => S3Fault | undefined) => async (): Promise<Place & { server: S3Server }> => {
  const server = await createS3Server({ buckets: ['bucket'], ...(fault && { fault }) });
  const url = `s3://bucket/prefix?endpoint=${server.endpoint}&conditional-writes=trust`;
  return {
    server,
    again: () => openTarget({ url, credentials: S3_TEST_CREDENTIALS, retry }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
};

const oftenFailing = (seed: number): (() => S3Fault | undefined) => {
  const random = createRandom(seed);
  const faults: readonly S3Fault[] = [
    { kind: 'status', status: 500 },
    { kind: 'status', status: 503 },
    { kind: 'lose-response' },
    { kind: 'reset' },
    { kind: 'stale-listing', ageMs: 3_600_000 },
  ];
  return () => (random.boolean(0.3) ? random.pick(faults) : undefined);
};

const IDENTITY = createIdentity();

const open = async (place: Place, options: Partial<OpenVaultOptions> = {}): Promise<Vault> =>
  openVault({ target: await place.again(), identity: await IDENTITY, vault: 'ours-0001', create: { now: NOW }, ...options });

const claim = (vault: Vault, as: Installation, takeOver = false, now = NOW) => vault.claim(as, { now, takeOver });

const places: readonly { name: string; openPlace: () => Promise<Place> }[] = [
  { name: 'in a directory', openPlace: openDirectory },
  { name: 'in S3', openPlace: openS3() },
  { name: 'in an S3 that often fails, loses answers and lists late', openPlace: openS3(oftenFailing(5)) },
];

for (const { name, openPlace } of places)
  describe(`a vault ${name}`, () => {
    const it = (sentence: string, body: (place: Place) => Promise<void>): void => {
      test(sentence, { timeout: 60_000 }, async () => {
        await using place = await openPlace();
        await body(place);
      });
    };

    it('is made once, and opened again with the same key', async (place) => {
      await assert.rejects(openVault({ target: await place.again(), identity: await IDENTITY }), { code: 'VAULT_MISSING' });
      const made = await open(place);
      const opened = await openVault({ target: await place.again(), identity: async () => IDENTITY });
      assert.equal(opened.id, 'ours-0001');
      assert.equal(made.dataKey.length, 32);
      assert.deepEqual(opened.dataKey, made.dataKey);
    });

    it('is the same one for all who make it at once', async (place) => {
      const vaults = await Promise.all(Array.from({ length: 5 }, () => open(place)));
      assert.equal(new Set(vaults.map(({ dataKey }) => Buffer.from(dataKey).toString('hex'))).size, 1);
    });

    it('is one platform’s, of two that make theirs at once; the other is told to go elsewhere', async (place) => {
      const outcomes = await Promise.allSettled(['ours-0001', 'theirs-01'].map((vault) => open(place, { vault })));
      const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
      assert.deepEqual(
        refused.map(({ code }) => code),
        ['VAULT_FOREIGN'],
      );
      assert.match(refused[0].hint, /another prefix or directory/);
    });

    it('lets one of many machines win that claim it at once', async (place) => {
      const machines = Array.from({ length: 4 }, (_, number) => ({ id: `machine-${number}`, host: `host-${number}` }));
      const vaults = await Promise.all(machines.map(() => open(place)));
      const outcomes = await Promise.allSettled(machines.map((machine, index) => claim(vaults[index] as Vault, machine)));
      const winners = machines.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      assert.equal(winners.length, 1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'VAULT_OWNED', String(outcome.reason));
      assert.equal((await (await open(place)).owner())?.id, winners[0]?.id);
    });

    it('says who has it, since when, when seen last, and what to do', async (place) => {
      const vault = await open(place);
      assert.equal(await vault.owner(), null);
      const owner = { ...HERE, number: 1, since: NOW, seenAt: NOW };
      assert.deepEqual(await claim(vault, HERE), owner);
      await vault.renew(HERE, { now: NOW + 60_000 });
      assert.deepEqual(await (await open(place)).owner(), { ...owner, seenAt: NOW + 60_000 });
      await assert.rejects(claim(await open(place), THERE), {
        code: 'VAULT_OWNED',
        message: /marker-host-one .* since 2026-02-10T12:00:00.000Z, .* last 2026-02-10T12:01:00.000Z/,
        hint: /--take-over/,
      });
      // Claimed again by itself, as after a restart.
      assert.deepEqual(await claim(await open(place), HERE, false, NOW + 120_000), { ...owner, seenAt: NOW + 120_000 });
    });

    it('can be taken over, and who had it before may not write any more', async (place) => {
      const [before, after] = [await open(place), await open(place)];
      await claim(before, HERE);
      assert.deepEqual(await claim(after, THERE, true, NOW + 5000), {
        ...THERE,
        number: 2,
        since: NOW + 5000,
        seenAt: NOW + 5000,
      });
      await assert.rejects(before.renew(HERE, { now: NOW + 6000 }), { code: 'VAULT_OWNED', message: /marker-host-two/ });
      await assert.rejects(claim(before, HERE), { code: 'VAULT_OWNED' });
      await after.renew(THERE, { now: NOW + 7000 });
      assert.equal((await claim(before, HERE, true)).number, 3);
    });

    it('gives a catalogue of what was put, newest points first, for whoever has the key', async (place) => {
      const vault = await open(place);
      const files = { ...STORE, id: 'b001', kind: 'files', path: 'uploads' } as const;
      await vault.putStore(files);
      await vault.putStore(STORE);
      for (const number of [7, 8, 9, 10]) await vault.putPoint({ ...POINT, number });
      await vault.putPoint({ ...POINT, number: 9, label: null, release: null });
      await vault.deletePoints([8, 99]);
      const expected = {
        stores: [STORE, files],
        points: [{ ...POINT, number: 10 }, { ...POINT, number: 9, label: null, release: null }, POINT],
        damaged: [],
      };
      await eventually(async () => assert.deepEqual(await (await open(place)).catalogue(), expected));
    });

    it('shows nothing of what it holds, in no byte and no name', async (place) => {
      const vault = await open(place);
      await claim(vault, HERE);
      await vault.putStore(STORE);
      await vault.putPoint(POINT);
      const target = await place.again();
      const names = ['vault/header', 'vault/key', 'vault/owners/00000001', 'vault/seen', 'stores/0f3a', 'points/00000007'];
      const stored = await Promise.all(names.map((object) => readAll(target, object)));
      for (const [index, bytes] of stored.entries()) {
        const object = names[index] ?? '';
        assert.doesNotMatch(object, /marker/);
        for (const secret of ['marker', 'sqlite', 'deploy', '4711', 'installation'])
          assert.ok(!bytes.includes(secret), `${object} holds ${secret}`);
        assert.ok(!bytes.includes(Buffer.from(vault.dataKey)), `${object} holds the key`);
      }
      assert.deepEqual(JSON.parse(String(stored[0])), { format: 1, vault: 'ours-0001', createdAt: NOW });
      const listed = async () => (await list(target, '')).map((line) => line.split(' ')[0]);
      await eventually(async () => assert.deepEqual(await listed(), names.toSorted()));
    });
  });

/** A list may be late. */
const eventually = (holds: () => Promise<void>) => waitUntil(() => holds().then(() => true), { what: 'the list is complete' });

const readAll = async (target: Target, name: string): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(name, {})) chunks.push(Uint8Array.from(chunk));
  return Buffer.concat(chunks);
};

/** The same target, whose machine dies at a put of that name. */
const dyingAt = (target: Target, name: string, when: 'before' | 'after'): Target => ({
  ...target,
  async put(object, body, options) {
    if (object === name && when === 'before') throw new Error('died');
    await target.put(object, body, options);
    if (object === name) throw new Error('died');
  },
});

describe('a vault that was only begun', () => {
  for (const object of ['vault/header', 'vault/key'])
    for (const when of ['before', 'after'] as const)
      test(`is finished later, if its maker died ${when} ${object} was stored`, async () => {
        await using place = await openDirectory();
        await assert.rejects(open(place, { target: dyingAt(await place.again(), object, when) }), /died/);
        const vault = await open(place);
        await claim(vault, HERE);
        assert.deepEqual((await open(place)).dataKey, vault.dataKey);
      });

  test('belongs to its maker already', async () => {
    await using place = await openDirectory();
    await assert.rejects(open(place, { target: dyingAt(await place.again(), 'vault/key', 'before') }), /died/);
    await assert.rejects(open(place, { vault: 'theirs-01' }), { code: 'VAULT_FOREIGN' });
  });

  test('does not hide a key that was lost: what is there could never be read again', async () => {
    await using place = await openDirectory();
    const vault = await open(place);
    await claim(vault, HERE);
    await vault.sealed.delete(['vault/key']);
    await assert.rejects(open(place), { code: 'VAULT_BROKEN', message: /vault\/key is not there, although vault\/owners/ });
  });

  test('may be begun beside other objects', async () => {
    await using place = await openDirectory();
    await (await place.again()).put('db/epochs/0000000000000001', Buffer.from('x'), {});
    await open(place);
  });

  test('gets its header back if only that was lost', async () => {
    await using place = await openDirectory();
    const vault = await open(place);
    await vault.sealed.delete(['vault/header']);
    assert.deepEqual((await open(place)).dataKey, vault.dataKey);
  });
});

describe('a vault that is not ours or not whole is refused, and nothing is changed there', () => {
  const cases: readonly {
    what: string;
    code: string;
    spoil: (target: Target) => Promise<void>;
    opening?: Partial<OpenVaultOptions>;
  }[] = [
    { what: 'another platform’s', code: 'VAULT_FOREIGN', spoil: async () => undefined, opening: { vault: createVaultId() } },
    {
      what: 'a key for another identity',
      code: 'VAULT_KEY_REFUSED',
      spoil: async (target) =>
        target.put('vault/key', await wrap(Buffer.alloc(32), await recipientOf(await createIdentity())), {}),
    },
    {
      what: 'a key for another identity, without a header',
      code: 'VAULT_KEY_REFUSED',
      spoil: async (target) => {
        await target.put('vault/key', await wrap(Buffer.alloc(32), await recipientOf(await createIdentity())), {});
        await target.delete(['vault/header']);
      },
    },
    {
      what: 'a key that is none',
      code: 'VAULT_BROKEN',
      spoil: async (target) => target.put('vault/key', await wrap(Buffer.alloc(5), await recipientOf(await IDENTITY)), {}),
    },
    {
      what: 'a key that is damaged',
      code: 'VAULT_KEY_REFUSED',
      spoil: (target) => target.put('vault/key', Buffer.from('x'), {}),
    },
    {
      what: 'a header that is cut off',
      code: 'VAULT_BROKEN',
      spoil: (target) => target.put('vault/header', Buffer.from('{"for'), {}),
    },
    {
      what: 'a header of a newer format',
      code: 'VAULT_BROKEN',
      spoil: (target) => target.put('vault/header', Buffer.from('{"format":2,"vault":"ours-0001"}'), {}),
    },
    {
      what: 'a header that says nothing',
      code: 'VAULT_BROKEN',
      spoil: (target) => target.put('vault/header', Buffer.from('{"format":1}'), {}),
    },
  ];
  for (const { what, code, spoil, opening } of cases)
    test(what, async () => {
      await using place = await openDirectory();
      await open(place);
      const target = await place.again();
      await spoil(target);
      const before = await list(target, '');
      await assert.rejects(open(place, opening), { code });
      assert.deepEqual(await list(target, ''), before);
    });
});

describe('what is damaged at the target', () => {
  test('is named in the catalogue, and the rest is there', async () => {
    await using place = await openDirectory();
    const vault = await open(place);
    await vault.putStore(STORE);
    for (const number of [1, 2, 3, 4]) await vault.putPoint({ ...POINT, number });
    const target = await place.again();
    const sealed = await readAll(target, 'points/00000002');
    sealed[sealed.length - 3] = (sealed.at(-3) ?? 0) ^ 1;
    await target.put('points/00000002', sealed, {});
    await target.put('points/00000003', await readAll(target, 'points/00000004'), {});
    await target.put('stores/plain', Buffer.from(JSON.stringify({ format: 1, ...STORE, id: 'plain' })), {});
    await vault.sealed.put('points/00000009', Buffer.from(JSON.stringify({ format: 2, number: 9 })), {});
    await vault.sealed.put('stores/odd', Buffer.from(JSON.stringify({ format: 1, ...STORE, id: 'odd', kind: 'tape' })), {});
    const { stores, points, damaged } = await vault.catalogue();
    assert.deepEqual(stores, [STORE]);
    assert.deepEqual(
      points.map(({ number }) => number),
      [4, 1],
    );
    assert.deepEqual(damaged, ['points/00000002', 'points/00000003', 'points/00000009', 'stores/odd', 'stores/plain']);
  });

  test('of the owner stands in the way of everybody, until somebody takes over', async () => {
    await using place = await openDirectory();
    await claim(await open(place), HERE);
    await (await place.again()).put('vault/owners/00000001', Buffer.from('x'), {});
    const vault = await open(place);
    await assert.rejects(vault.owner(), { code: 'VAULT_OWNER_UNREADABLE' });
    await assert.rejects(claim(vault, HERE), { code: 'VAULT_OWNER_UNREADABLE', hint: /--take-over/ });
    assert.equal((await claim(vault, THERE, true)).number, 2);
  });

  test('of when the owner was seen is no matter', async () => {
    await using place = await openDirectory();
    const vault = await open(place);
    await claim(vault, HERE);
    await (await place.again()).put('vault/seen', Buffer.from('x'), {});
    assert.equal((await vault.owner())?.seenAt, NOW);
  });

  test('is told apart from a target that does not answer', async () => {
    await using place = await openS3()();
    const vault = await open(place);
    await vault.putStore(STORE);
    using _ = place.server.faults.during({ fault: { kind: 'status', status: 403 }, kinds: ['GetObject'] });
    await assert.rejects(vault.catalogue(), { code: 'TARGET_DENIED' });
  });

  test('is noticed by one bit', async () => {
    await using place = await openS3()();
    const vault = await open(place);
    await vault.putStore(STORE);
    using _ = place.server.faults.during({ fault: { kind: 'flip-bit', at: 60 }, kinds: ['GetObject'] });
    assert.deepEqual(await vault.catalogue(), { stores: [], points: [], damaged: ['stores/0f3a'] });
  });
});

describe('the owner', () => {
  test('is found although no listing shows it', async () => {
    await using place = await openS3()();
    using _ = place.server.faults.during({ fault: { kind: 'cut-listing', keys: 0 }, kinds: ['ListObjectsV2'] });
    await claim(await open(place), HERE);
    await claim(await open(place), THERE, true);
    assert.equal((await (await open(place)).owner())?.number, 2);
    await assert.rejects(claim(await open(place), HERE), { code: 'VAULT_OWNED' });
  });

  test('is told when everything was deleted', async () => {
    await using place = await openDirectory();
    const vault = await open(place);
    await claim(vault, HERE);
    await vault.sealed.delete(['vault/owners/00000001']);
    await assert.rejects(vault.renew(HERE, { now: NOW }), { code: 'VAULT_LOST' });
  });

  test('costs few requests to stay', async () => {
    await using place = await openS3()();
    const vault = await open(place);
    await claim(vault, HERE);
    const before = place.server.tally.count();
    await vault.renew(HERE, { now: NOW });
    assert.ok(place.server.tally.count() - before <= 4, `${place.server.tally.count() - before} requests`);
  });
});
