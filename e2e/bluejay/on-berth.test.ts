/** Bluejay deployed again and again while visitors read and an editor saves: nobody sees an error, and nothing is lost. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { describeProcess, killProcess, processesOfHome } from '../harness/processes.ts';
import { ask, Visitor } from '../harness/visitor.ts';
import { BerthSite, HOST } from './berth-site.ts';
import { Editor, type Shelf } from './editor.ts';
import { addFieldAndType, setMigration } from './releases.ts';

const SAVES_BETWEEN = 25;
const VISITORS = 4;
/** Some seconds of work: time enough to be killed in. */
const SLOW_ROWS = 4_000_000;
/** Of the log of the database: much more than the saves before have left there. */
const HALF_WAY_BYTES = 24 * 2 ** 20;

let site: BerthSite;
let shelf: Shelf;
before(async () => {
  site = await BerthSite.open();
  using panel = await site.panel();
  const id = await panel.create('product-categories', { 'field.name': 'Radios', 'field.description': 'All of them' });
  shelf = { category: { id, slug: 'radios' } };
});
after(() => site?.[Symbol.asyncDispose]());

const PATHS = ['/', '/products', '/products/radios', '/solutions', '/blog', '/about', '/contact', '/sitemap.xml', '/health'];

/** Each on a connection of its own that stays open. */
const startVisitors = (): readonly Visitor[] =>
  Array.from({ length: VISITORS }, (_, number) => {
    let turn = number;
    return new Visitor(async (agent) => {
      turn += 1;
      const path = PATHS[turn % PATHS.length] ?? '/';
      const { status, body } = await ask(site.platform.httpPort, HOST, { path, agent });
      if (status !== 200 || !/<\/html>\s*$|<\/sitemapindex>\s*$|<\/urlset>\s*$|"ok"/.test(body))
        throw new Error(`${path} was answered with ${status}: ${body.slice(0, 200)}`);
    });
  });

test('rolling, by handover and back, with a migration in between, under load: 0 requests fail and no save is lost', async (t) => {
  const visitors = startVisitors();
  const editor = new Editor(await site.panel(), shelf, 'edit');
  using panel = await site.panel();
  const told: string[] = [];
  const counted = async (
    what: string,
    act: () => Promise<{ release: number | null; requests: { failed: number }; ms: number }>,
  ) => {
    await editor.more(SAVES_BETWEEN);
    const { release, requests, ms } = await act();
    assert.equal(requests.failed, 0, what);
    await editor.more(SAVES_BETWEEN);
    told.push(`${what} (release ${release}, ${ms} ms)`);
  };
  try {
    await counted('an additive migration, rolling', () => {
      addFieldAndType(site.clone);
      return site.deploy();
    });
    const opening = await panel.create('job-openings', { 'field.title': 'Tuner', 'field.skills': 'ears', status: 'published' });
    const fields = { 'field.name': 'Kept', 'field.sku': 'kept', 'field.description': '<p>x</p>', status: 'published' };
    const product = await panel.create('products', {
      ...fields,
      'field.category': String(shelf.category.id),
      'field.warranty': 'nine years',
    });
    await panel.change('job-openings', opening, { 'field.title': 'Chief tuner', status: 'published' });

    await counted('the same by handover', () => {
      site.clone.edit('berth.yaml', /^ {4}run: node .*main\.ts$/m, '$&\n    switch: handover');
      return site.deploy();
    });

    await counted('back to the first release', () => site.berth(['rollback', 'bluejay', '--to', '1']));
    assert.equal((await panel.send('/admin/job-openings')).status, 404, 'the first release knows nothing of the new type');
    await panel.change('products', product, { 'field.tagline': 'changed by the first release', status: 'published' });

    await counted('forward again', () => site.deploy());
    const form = await panel.page(`/admin/products/${product}/edit`);
    assert.match(form, /value="nine years"/, 'what the first release did not know is as it was');
    assert.match(form, /changed by the first release/);
    assert.match(await panel.page('/admin/job-openings'), /Chief tuner/);
  } finally {
    for (const visitor of visitors) await visitor[Symbol.asyncDispose]();
    await editor[Symbol.asyncDispose]();
  }
  const requests = visitors.reduce((sum, visitor) => sum + visitor.requests, editor.requests);
  t.diagnostic(`${told.join(', ')}: ${requests} requests, ${editor.saved.length} saves`);
  assert.deepEqual([...visitors.flatMap(({ failures }) => failures), ...editor.failures], [], `of ${requests} requests`);
  assert.deepEqual(editor.lost(site.database), []);
  assert.ok(requests > 1_000, `${requests} requests are too few to say anything`);
});

type Kill = { readonly table: string; readonly isUndone: boolean; kill(migration: number): Promise<void> };

/** With whoever waits for the deploy: that command would start another daemon. */
const killDaemon = async (): Promise<void> => {
  const waiting = findProcess(/\/cli\/main\.ts deploy /);
  if (waiting !== undefined) killProcess(waiting);
  await site.platform.kill();
};

const KILLS: Readonly<Record<string, Kill>> = {
  'the release command is killed: the site goes on as it was': {
    table: 'later_1',
    isUndone: true,
    kill: async (migration) => killProcess(migration),
  },
  'the daemon is killed: it comes back to the migration that went on, and to the deploy': {
    table: 'later_2',
    isUndone: false,
    async kill() {
      await killDaemon();
      await site.platform.start();
    },
  },
  'both are killed: the site goes on as it was': {
    table: 'later_3',
    isUndone: true,
    async kill(migration) {
      await killDaemon();
      killProcess(migration);
      await site.platform.start();
    },
  },
};

for (const [what, { table, isUndone, kill }] of Object.entries(KILLS))
  test(`half way through a migration ${what}, and the next deploy is right`, async (t) => {
    const visitors = startVisitors();
    const { release } = await site.status();
    try {
      setMigration(site.clone, table, SLOW_ROWS);
      const deploying = site.tryDeploy();
      const migration = await waitUntil(findMigration, { what: 'the migration ran', withinMs: 120_000, everyMs: 5 });
      await waitUntil(() => logBytes() > HALF_WAY_BYTES, { what: 'the migration was half way', withinMs: 120_000, everyMs: 5 });
      assert.equal(rowsOf(table), null, 'it is not committed');
      await kill(migration);
      await deploying;
      const { operations } = await site.platform.client.call('operations', { query: {} });
      const [newest] = operations.toSorted((a, b) => b.id - a.id);
      assert.ok(newest);
      const receipt = await site.platform.finished(newest);
      assert.deepEqual([receipt.kind, receipt.ok], ['deploy', !isUndone], JSON.stringify(receipt.error));
      assert.equal(receipt.requests.failed, 0);
      assert.equal(rowsOf(table), isUndone ? null : SLOW_ROWS);
      if (isUndone) assert.equal((await site.status()).release, release);
      using panel = await site.panel();
      await panel.create('product-categories', { 'field.name': `Before ${table}`, 'field.description': 'x' });
    } finally {
      for (const visitor of visitors) await visitor[Symbol.asyncDispose]();
    }
    const requests = visitors.reduce((sum, visitor) => sum + visitor.requests, 0);
    t.diagnostic(`${requests} requests meanwhile`);
    assert.deepEqual(
      visitors.flatMap(({ failures }) => failures),
      [],
      `of ${requests} requests`,
    );

    if (isUndone) setMigration(site.clone, table, 10);
    assert.equal((await site.deploy()).requests.failed, 0);
    assert.equal(rowsOf(table), isUndone ? 10 : SLOW_ROWS);
    using panel = await site.panel();
    await panel.create('product-categories', { 'field.name': `After ${table}`, 'field.description': 'x' });
    assert.match(await panel.page('/products'), new RegExp(`Before ${table}[^]*After ${table}`));
  });

/** Itself, not the shells around it, which have the whole command as their last word. */
const findMigration = (): number | undefined => findProcess(/^\d+ node command\.ts migrate $/);

/** Of the platform, by its id and its words. */
const findProcess = (words: RegExp): number | undefined =>
  processesOfHome(site.platform.home).find((pid) => words.test(describeProcess(pid)));

const logBytes = (): number => statSync(`${site.database}-wal`).size;

/** null: there is no such table. */
function rowsOf(table: string): number | null {
  using database = new DatabaseSync(site.database, { readOnly: true });
  if (database.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(table) === undefined) return null;
  return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.['count']);
}
