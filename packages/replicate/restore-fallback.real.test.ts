/** Restores from targets where something is missing or damaged, or where two machines wrote one lineage. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, type Random, temporaryDirectory, type TemporaryDirectory } from '@berth/testing';
import { compact } from './compact.ts';
import { createFakeReplica, type FakeReplica } from './fake-replica.ts';
import { createFakeTarget, type FakeTarget } from './fake-target.ts';
import { restore, type RestoreResult } from './restore.ts';
import type { RestoreTo } from './restore-point.ts';

/** A database and what was captured of it. */
class Machine implements Disposable {
  readonly target: FakeTarget = createFakeTarget();
  readonly #file: string;
  readonly #database: DatabaseSync;
  replica!: FakeReplica;

  constructor(directory: TemporaryDirectory, name: string) {
    this.#file = directory.join(name);
    this.#database = new DatabaseSync(this.#file);
    this.#database.exec(`PRAGMA page_size = 1024; PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = 0; CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)`);
  }

  async begin(): Promise<this> {
    this.replica = await createFakeReplica({ target: this.target, database: 'app', pageSize: 1024, lineage: LINEAGE });
    this.replica.capture(`${this.#file}-wal`, 0);
    await this.replica.shipLog();
    await this.replica.shipSnapshot();
    return this;
  }

  async write(text: string, { times = 1, at }: { times?: number; at: number }): Promise<void> {
    for (let left = times; left > 0; left -= 1) {
      this.#database.prepare('INSERT INTO note VALUES (NULL, ?)').run(text);
      this.replica.capture(`${this.#file}-wal`, at);
    }
    await this.replica.shipLog();
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

const LINEAGE = '0123456789abcdef';

type Restored = RestoreResult & { readonly bytes: Buffer };

const bring = async (target: FakeTarget, directory: TemporaryDirectory, to: RestoreTo = 'latest'): Promise<Restored> => {
  const into = directory.join('restored.db');
  rmSync(into, { force: true });
  const result = await restore({ target, database: 'app', to, into });
  return { ...result, bytes: readFileSync(into) };
};

const damages: Record<string, (target: FakeTarget, name: string) => void> = {
  'has a bit flipped': (target, name) => {
    const bytes = Buffer.from(target.objects.get(name) ?? '');
    bytes[bytes.length >>> 1] = (bytes[bytes.length >>> 1] ?? 0) ^ 1;
    target.objects.set(name, bytes);
  },
  'is cut off': (target, name) => void target.objects.set(name, (target.objects.get(name) ?? Buffer.alloc(0)).subarray(0, -40)),
  'is empty': (target, name) => void target.objects.set(name, Buffer.alloc(0)),
  'is listed and not there': (target, name) => {
    const { get } = target;
    target.get = (asked, options) => get(asked === name ? 'nothing' : asked, options);
  },
  'is another one': (target, name) => {
    const other = [...target.objects.keys()].find((each) => each.includes('/snapshot-') && each !== name) ?? '';
    target.objects.set(name, target.objects.get(other) ?? Buffer.alloc(0));
  },
};

for (const [what, damage] of Object.entries(damages))
  for (const kind of ['snapshot', 'merged'])
    test(`where the newest ${kind} ${what}, the logs before it lead to the same state`, async () => {
      await using directory = await temporaryDirectory();
      using machine = await new Machine(directory, 'app.db').begin();
      const { target, replica } = machine;
      for (let at = 1; at <= 30; at += 1) {
        await machine.write(`note ${at}`, { at: at * 10_000 });
        if (at === 20 && kind === 'snapshot') await replica.shipSnapshot();
      }
      if (kind === 'merged') await compact({ target, database: 'app', now: 3_600_000, scratchDirectory: directory.path });
      const wanted = ['latest', { txid: 25 }, { at: new Date(222_000) }] as const;
      const sound: Buffer[] = [];
      for (const to of wanted) sound.push((await bring(target, directory, to)).bytes);
      const { plan } = await bring(target, directory);
      const victim = plan.steps.find(({ holding }) => holding.kind === kind)?.holding.name ?? '';
      damage(target, victim);
      for (const [index, to] of wanted.entries()) {
        const { bytes, damaged, forked } = await bring(target, directory, to);
        assert.ok(bytes.equals(sound[index] ?? Buffer.alloc(0)));
        assert.deepEqual([damaged.filter((name) => name !== victim), forked], [[], []]);
        if (to === 'latest') assert.deepEqual(damaged, [victim]);
      }
    });

test('a damaged log is refused: nothing older is given for what it held', async () => {
  await using directory = await temporaryDirectory();
  using machine = await new Machine(directory, 'app.db').begin();
  const { target } = machine;
  for (let at = 1; at <= 30; at += 1) await machine.write(`note ${at}`, { at: at * 10_000 });
  const sound = await bring(target, directory);
  const victims = sound.plan.steps.map(({ holding }) => holding.name).filter((name) => name.includes('/log-'));
  damages['is cut off']?.(target, victims[12] ?? '');
  await assert.rejects(bring(target, directory), { code: 'SEGMENT_DAMAGED' });
  damages['is cut off']?.(target, victims.at(-1) ?? '');
  await assert.rejects(bring(target, directory), { code: 'SEGMENT_DAMAGED' }, 'also the newest');
});

/** What two copies of a machine write to one target: the same to begin with, then each its own, in logs cut where it likes. */
const fork = async (directory: TemporaryDirectory, random: Random): Promise<{ target: FakeTarget; machines: Machine[] }> => {
  const machines: Machine[] = [];
  for (const name of ['a.db', 'b.db']) {
    const machine = await new Machine(directory, name).begin();
    machines.push(machine);
    for (let at = 1; at <= 6; at += 1) await machine.write(`common ${at}`, { at: at * 1000, times: 2 });
    if (random.boolean(0.5)) await machine.replica.shipSnapshot();
  }
  const target = createFakeTarget();
  const objects = machines.map((machine) => new Map(machine.target.objects));
  const commonNames = [...(objects[0]?.keys() ?? [])].filter((name) => objects[1]?.has(name));
  for (const name of commonNames)
    assert.ok(objects[0]?.get(name)?.equals(objects[1]?.get(name) ?? Buffer.alloc(0)), 'both began alike');
  for (const [index, machine] of machines.entries()) {
    for (let log = random.integer(1, 6); log > 0; log -= 1) {
      await machine.write(`of ${index} ${random.text(100)}`, { at: 10_000 + log, times: random.integer(1, 4) });
      if (random.boolean(0.15)) await machine.replica.shipSnapshot();
    }
  }
  // As on a real target: whoever comes second with a name is refused, and writes no more.
  for (const [name, content] of machines[0]?.target.objects ?? []) target.objects.set(name, content);
  for (const [name, content] of machines[1]?.target.objects ?? []) {
    const known = target.objects.get(name);
    if (known !== undefined && !known.equals(content)) break;
    target.objects.set(name, content);
  }
  return { target, machines };
};

test('where two machines wrote one lineage the longest chain that verifies is restored, and the others are named', async () => {
  await using directory = await temporaryDirectory();
  const random = createRandom(5);
  let forks = 0;
  for (let round = 0; round < 40; round += 1) {
    await using place = await temporaryDirectory();
    const { target, machines } = await fork(place, random);
    try {
      const ends = machines.map(({ replica }) => replica.last).toSorted((a, b) => b.txid - a.txid);
      const logs = [...target.objects.keys()].filter((name) => name.includes('/log-'));
      const furthest = Math.max(...logs.map((name) => Number(name.slice(-16))));
      const { txid, checksum, forked } = await bring(target, directory);
      assert.equal(txid, furthest, `round ${round}`);
      assert.ok(
        ends.some((end) => end.checksum === checksum),
        `round ${round}: the end of one of both`,
      );
      if (forked.length > 0) forks += 1;
      for (const name of forked) assert.ok(target.objects.has(name));
    } finally {
      for (const machine of machines) machine[Symbol.dispose]();
    }
  }
  assert.ok(forks > 5, `only ${forks} of 40 could not be restored by chance`);
});
