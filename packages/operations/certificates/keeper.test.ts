import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EdgeCertificate } from '@berth/edge';
import { openJournal, type NewEvent } from '@berth/journal';
import { temporaryDirectory } from '@berth/testing';
import { defaultSettings } from '../settings.ts';
import { createFakeEdge } from '../testing/fake-edge.ts';
import { createCertificateKeeper } from './keeper.ts';

const DAY_MS = 24 * 3_600_000;
const BEGIN_MS = Date.parse('2030-01-01T00:00:00Z');

const certificate = (host: string, source: EdgeCertificate['source'], names: readonly string[] = [host]): EdgeCertificate => ({
  ...{ host, source, names, subject: '', issuer: '', fingerprint: host },
  ...{ notBefore: '2029-12-01T00:00:00Z', notAfter: '2030-03-01T00:00:00Z' },
});

/** A keeper that asks no authority, and looks on a day of its own clock. */
const open = async (certificates: readonly EdgeCertificate[]) => {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await temporaryDirectory());
  const journal = openJournal(directory.join('journal.db'), { now: () => new Date() });
  stack.defer(() => journal.close());
  const there = new Map(certificates.map((it) => [`${it.source} ${it.host}`, it]));
  const events: NewEvent[] = [];
  const edge = createFakeEdge();
  const certificatesOfEdge = {
    ...edge.certificates,
    list: async () => [...there.values()],
    removeIssued: async (name: string) => void there.delete(`acme ${name}`),
  };
  let nowMs = BEGIN_MS;
  const stage = {
    hosts: [] as string[],
    there: () => [...there.keys()],
    removed: () => events.filter(({ name }) => name === 'certificate.removed').map(({ fields }) => fields?.host),
    async lookOnDay(day: number) {
      nowMs = BEGIN_MS + day * DAY_MS;
      await keeper.tick();
    },
  };
  const keeper = createCertificateKeeper({
    ...{ journal, edge: { ...edge, certificates: certificatesOfEdge }, home: directory.path, version: 'test' },
    bus: { publish: (event) => void events.push(event) },
    settings: () => ({ ...defaultSettings, acme: null }),
    hosts: () => stage.hosts.map((host) => ({ host, app: 'pad' })),
    now: () => new Date(nowMs),
  });
  stack.defer(() => keeper.end());
  const owned = stack.move();
  return Object.assign(stage, { [Symbol.asyncDispose]: () => owned.disposeAsync() });
};

test('what was fetched for a host that no app has any more goes after 30 days, and is told', async () => {
  await using stage = await open([certificate('gone.example', 'acme'), certificate('kept.example', 'acme')]);
  stage.hosts = ['kept.example'];
  await stage.lookOnDay(0);
  await stage.lookOnDay(29);
  assert.deepEqual(stage.there(), ['acme gone.example', 'acme kept.example']);
  await stage.lookOnDay(30);
  assert.deepEqual(stage.there(), ['acme kept.example']);
  await stage.lookOnDay(31);
  assert.deepEqual(stage.removed(), ['gone.example']);
});

test('a host that came back meanwhile counts from the beginning', async () => {
  await using stage = await open([certificate('pad.example', 'acme')]);
  await stage.lookOnDay(0);
  stage.hosts = ['pad.example'];
  await stage.lookOnDay(20);
  stage.hosts = [];
  await stage.lookOnDay(31);
  await stage.lookOnDay(50);
  assert.deepEqual(stage.there(), ['acme pad.example']);
});

test('one that has ended goes at once when nobody has its host, and stays while somebody has', async () => {
  await using stage = await open([certificate('gone.example', 'acme'), certificate('kept.example', 'acme')]);
  stage.hosts = ['kept.example'];
  await stage.lookOnDay(59);
  assert.deepEqual(stage.there(), ['acme kept.example']);
});

test('own and local ones stay, and each part of a wildcard while one part is of use', async () => {
  const wildcard = ['example.com', '*.example.com'];
  await using stage = await open([
    certificate('gone.example', 'own'),
    certificate('gone.example', 'local'),
    ...wildcard.map((name) => certificate(name, 'acme', wildcard)),
  ]);
  stage.hosts = ['a.example.com'];
  await stage.lookOnDay(0);
  await stage.lookOnDay(58);
  await stage.lookOnDay(100);
  assert.equal(stage.there().length, 4);
});
