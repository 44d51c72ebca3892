/** Real: replicas are made by the replicator, and processes are killed. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DEFAULT_RETENTION, startReplication } from '@berth/replicate';
import { createIdentity } from '@berth/secrets';
import {
  createS3Server,
  S3_TEST_CREDENTIALS,
  type S3Server,
  temporaryDirectory,
  type TemporaryDirectory,
  waitUntil,
} from '@berth/testing';
import {
  createVaultId,
  describeForReplication,
  openAccess,
  openTarget,
  openVault,
  runVaultTask,
  type VaultAccess,
  type VaultProgress,
  type VaultTask,
} from './index.ts';

const CREDENTIALS = S3_TEST_CREDENTIALS;
const NOW = Date.now();
const POINT = { number: 1, app: 'a', at: NOW, kind: 'deploy', label: null, release: null, positions: {} };
const HERE = { id: 'one', host: 'host-one' };

let directory: TemporaryDirectory;
let server: S3Server;
/** The same replica near and far. */
let accesses: { near: VaultAccess; far: VaultAccess };
let source: Buffer;

const openAt = async (name: string, url: string, identity: string): Promise<VaultAccess> => {
  const credentials = url.startsWith('s3:') ? { credentials: CREDENTIALS } : {};
  const target = await openTarget({ url, ...credentials });
  const vault = await openVault({ target, identity, vault: createVaultId(), create: { now: NOW } });
  await vault.claim(HERE, { now: NOW, takeOver: false });
  return { name, url, ...credentials, dataKey: vault.dataKey };
};

before(async () => {
  directory = await temporaryDirectory('vault-task-');
  server = await createS3Server({ buckets: ['bucket'], directory: directory.join('s3') });
  const identity = await createIdentity();
  accesses = {
    near: await openAt('near', `dir:${directory.join('near')}`, identity),
    far: await openAt('far', `s3://bucket/p?endpoint=${server.endpoint}&conditional-writes=trust`, identity),
  };
  const path = directory.join('app.db');
  const database = new DatabaseSync(path);
  database.exec(
    'PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE notes (id INTEGER PRIMARY KEY, text BLOB)',
  );
  const replication = await startReplication({
    databases: [{ id: 'app', path }],
    targets: Object.values(accesses).map((access) => describeForReplication(access)),
    stateDirectory: directory.join('state'),
    options: { intervalMs: 20 },
  });
  try {
    for (let round = 0; round < 5; round += 1) {
      for (let left = 40; left > 0; left -= 1) database.exec('INSERT INTO notes (text) VALUES (randomblob(50000))');
      await waitUntil(() => replication.flush().then(() => true), { what: 'everything is safe', withinMs: 30_000 });
    }
  } finally {
    await replication.stop();
  }
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  source = readFileSync(path);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

let numbers = 0;
const newPlace = (): string => {
  numbers += 1;
  return directory.join(`restored-${numbers}.db`);
};

const restoreTask = (access: VaultAccess, into: string) =>
  ({ kind: 'restore', access, database: 'app', to: 'latest', into }) as const;

/** Whatever of `into` is there, or was begun. */
const left = (into: string): string[] => readdirSync(directory.path).filter((name) => directory.join(name).startsWith(into));

/** Our own processes that do a task. */
const processes = (parent = process.pid): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => commandOf(pid).includes('vault-process.ts') && parentOf(pid) === parent);

const readProc = (pid: number, file: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It ended meanwhile.
    return '';
  }
};
const commandOf = (pid: number): string => readProc(pid, 'cmdline');
/** Behind the name, which may hold anything. */
const statOf = (pid: number): string[] =>
  readProc(pid, 'stat')
    .replace(/^.*\) /s, '')
    .split(' ');
const parentOf = (pid: number): number => Number(statOf(pid)[1]);
const nicenessOf = (pid: number): number => Number(statOf(pid)[16]);

const onlyProcess = (): Promise<number> =>
  waitUntil(() => (processes().length === 1 ? processes()[0] : undefined), { what: 'a process does the task', everyMs: 2 });

describe('a task of a vault', {
  timeout: 240_000,
  skip: process.platform !== 'linux' && 'processes are looked up in /proc',
}, () => {
  for (const name of ['near', 'far'] as const)
    test(`brings a database back from the ${name} target, byte for byte, and says how far it is`, async () => {
      const into = newPlace();
      const told: VaultProgress[] = [];
      const result = await runVaultTask(restoreTask(accesses[name], into), { onProgress: (progress) => told.push(progress) });
      assert.ok(readFileSync(into).equals(source));
      assert.equal(result.bytes, source.length);
      assert.ok(result.objectsRead > 0 && result.bytesRead > 1_000_000);
      assert.ok(Math.abs(result.at - Date.now()) < 600_000);
      const fractions = told.map(({ fraction }) => fraction);
      assert.deepEqual(
        fractions,
        fractions.toSorted((a, b) => a - b),
      );
      assert.deepEqual([...new Set(told.map(({ phase }) => phase))], ['reading', 'comparing', 'checking']);
      assert.deepEqual(processes(), []);
    });

  test('says what can be restored, and restores a moment of it', async () => {
    const [lineage] = await runVaultTask({ kind: 'ranges', access: accesses.near, database: 'app' });
    const [range] = lineage?.ranges ?? [];
    assert.ok(lineage !== undefined && range !== undefined && range.to > range.from);
    const at = new Date((range.fromAt + range.toAt) / 2);
    const result = await runVaultTask({ ...restoreTask(accesses.near, newPlace()), to: { at }, lineage: lineage.id });
    assert.ok(result.at <= at.getTime() && result.txid < range.to);
    assert.equal(result.chosen?.txid, result.txid);
    assert.ok(result.after !== undefined && result.after.at > at.getTime());
  });

  test('keeps up a replica politely, and what it leaves restores the same', async () => {
    const access = accesses.far;
    const task: VaultTask = {
      kind: 'upkeep',
      access,
      database: 'app',
      policy: DEFAULT_RETENTION,
      pins: [],
      now: Date.now() + 2 * 3_600_000,
      scratchDirectory: directory.path,
    };
    const { compacted, retained } = await runningWith(task, async (pid) => {
      await waitUntil(() => nicenessOf(pid) === 10 || undefined, {
        what: 'it gives way, however polite the tests themselves are',
        everyMs: 1,
      });
    });
    assert.ok(compacted.merged.length > 0);
    assert.ok(retained.kept > 0);
    const into = newPlace();
    await runVaultTask(restoreTask(access, into));
    assert.ok(readFileSync(into).equals(source));
  });

  test('keeps what is pinned, and deletes what is old', async () => {
    // A copy of its own: the other tests keep it up too, at the same time.
    const copy = directory.join('pinned');
    cpSync(accesses.near.url.slice('dir:'.length), copy, { recursive: true });
    const access = { ...accesses.near, url: `dir:${copy}` };
    const ranges = await runVaultTask({ kind: 'ranges', access, database: 'app' });
    const [{ id: lineage = '', ranges: [range] = [] } = {}] = ranges;
    assert.ok(range !== undefined && range.to - range.from > 50);
    const pinned = range.from + 20;
    const before = newPlace();
    await runVaultTask({ ...restoreTask(access, before), to: { txid: pinned }, lineage });
    const { retained } = await runVaultTask({
      kind: 'upkeep',
      access,
      database: 'app',
      policy: { everySecondForMs: 0, hourlyForMs: 0, dailyForMs: 0 },
      pins: [{ lineage, txid: pinned }],
      now: Date.now() + 40 * 24 * 3_600_000,
    });
    assert.ok(retained.deleted > 0);
    const into = newPlace();
    await runVaultTask({ ...restoreTask(access, into), to: { txid: pinned }, lineage });
    assert.ok(readFileSync(into).equals(readFileSync(before)));
  });

  test('asks, claims, records and reads what the vault says of itself', async () => {
    const access = accesses.near;
    assert.equal((await runVaultTask({ kind: 'owner', access, action: 'ask' }))?.host, 'host-one');
    const other = { installation: { id: 'two', host: 'host-two' }, now: NOW + 1 };
    await assert.rejects(runVaultTask({ kind: 'owner', access, action: 'claim', ...other }), (error: Error) => {
      assert.deepEqual(Object.keys(error).toSorted(), ['code', 'fields', 'hint', 'name']);
      assert.match(String(Object.values(error)), /VAULT_OWNED.*--take-over/);
      return error.message.startsWith('host-one writes');
    });
    assert.equal((await runVaultTask({ kind: 'owner', access, action: 'take-over', ...other }))?.number, 2);
    const back = { installation: HERE, now: NOW + 2 };
    await assert.rejects(runVaultTask({ kind: 'owner', access, action: 'renew', ...back }), { code: 'VAULT_OWNED' });
    await runVaultTask({ kind: 'owner', access, action: 'take-over', ...back });
    assert.equal((await runVaultTask({ kind: 'owner', access, action: 'renew', ...back, now: NOW + 9 }))?.seenAt, NOW + 9);
    const store = { id: 's1', app: 'a', store: 'b', kind: 'sqlite', path: 'x.db' } as const;
    await runVaultTask({ kind: 'record', access, stores: [store], points: [POINT, { ...POINT, number: 2 }], deletePoints: [2] });
    assert.deepEqual(await runVaultTask({ kind: 'catalogue', access }), { stores: [store], points: [POINT], damaged: [] });
  });

  test('checks a target before there is a vault, makes one, and opens it again', async () => {
    const url = `dir:${directory.join('checked')}`;
    assert.equal((await runVaultTask({ kind: 'check-target', url })).ok, true);
    const identity = await createIdentity();
    const open = { kind: 'open', url, identity, vault: createVaultId() } as const;
    await assert.rejects(runVaultTask(open), { code: 'VAULT_MISSING' });
    const made = await runVaultTask({ ...open, create: { now: NOW } });
    assert.equal(made.vault, open.vault);
    assert.equal(made.dataKey.length, 32);
    assert.deepEqual(await runVaultTask({ kind: 'open', url, identity }), made);
    await assert.rejects(runVaultTask({ ...open, identity: await createIdentity() }), { code: 'VAULT_KEY_REFUSED' });
  });

  test('fails as what it does fails, with code, hint and fields', async () => {
    const into = newPlace();
    await assert.rejects(runVaultTask({ ...restoreTask(accesses.near, into), database: 'none' }), {
      code: 'REPLICA_NOT_FOUND',
      hint: /`list`/,
      fields: { target: `dir:${directory.join('near')}`, database: 'none' },
    });
    const { dataKey } = accesses.near;
    const wrongKey = { ...accesses.near, dataKey: dataKey.map((byte) => byte ^ 1) };
    await assert.rejects(runVaultTask(restoreTask(wrongKey, into)), { code: /^SEAL_BROKEN$/ });
    assert.deepEqual(left(into), []);
  });

  test('has as much patience with a dead target as it is told', async () => {
    const into = newPlace();
    const tasks: readonly VaultTask[] = [
      restoreTask(accesses.far, into),
      { kind: 'ranges', access: accesses.far, database: 'app' },
    ];
    for (const fault of [{ kind: 'status', status: 503 }, { kind: 'hang' }] as const) {
      using _ = server.faults.during({ fault });
      for (const task of tasks) {
        const from = performance.now();
        await assert.rejects(runVaultTask(task, { retry: { totalMs: 1000, attemptMs: 500 } }), { code: 'TARGET_FAILED' });
        assert.ok(performance.now() - from < 20_000, `${task.kind} at ${fault.kind}`);
      }
    }
    assert.deepEqual(left(into), []);
    assert.equal((await runVaultTask(restoreTask(accesses.far, into))).damaged.length, 0);
  });
});

/** The task, with something done as soon as its process is there. */
const runningWith = async <Task extends VaultTask>(
  task: Task,
  then: (pid: number) => Promise<void>,
): Promise<Awaited<ReturnType<typeof runVaultTask<Task>>>> => {
  const result = runVaultTask(task);
  const [outcome] = await Promise.all([result, onlyProcess().then(then)]);
  return outcome;
};

describe('a task that is ended', {
  timeout: 120_000,
  skip: process.platform !== 'linux' && 'processes are looked up in /proc',
}, () => {
  test('by kill -9 rejects, and leaves nothing half', async () => {
    const into = newPlace();
    // Some of the database is there already when nothing more comes.
    using _ = server.faults.during({ fault: { kind: 'hang' }, kinds: ['GetObject'], after: 3 });
    const refused = assert.rejects(runVaultTask(restoreTask(accesses.far, into)), {
      code: 'VAULT_TASK_ENDED',
      message: /restore .* SIGKILL/,
    });
    const pid = await onlyProcess();
    await waitUntil(() => left(into).length > 0, { what: 'it has begun to write', everyMs: 2 });
    process.kill(pid, 'SIGKILL');
    await refused;
    assert.deepEqual(left(into), []);
    assert.deepEqual(processes(), []);
  });

  test('by its signal rejects with the reason, and leaves neither a file nor a process', async () => {
    const into = newPlace();
    const aborted = new AbortController();
    using _ = server.faults.during({ fault: { kind: 'hang' }, kinds: ['GetObject'], after: 3 });
    const refused = assert.rejects(runVaultTask(restoreTask(accesses.far, into), { signal: aborted.signal }), /enough of it/);
    await waitUntil(() => left(into).length > 0, { what: 'it has begun to write', everyMs: 2 });
    aborted.abort(new Error('enough of it'));
    await refused;
    assert.deepEqual(left(into), []);
    assert.deepEqual(processes(), []);
  });

  test('before it began, begins nothing', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(runVaultTask(restoreTask(accesses.near, newPlace()), { signal }), /too late/);
    assert.deepEqual(processes(), []);
  });

  test('by the death of its parent ends by itself', async () => {
    const into = newPlace();
    using _ = server.faults.during({ fault: { kind: 'hang' } });
    const before = server.tally.count();
    const parent = startParent(restoreTask(accesses.far, into));
    try {
      const pid = await waitUntil(() => processes(parent.pid)[0], { what: 'the parent has a process' });
      // The task has arrived.
      await waitUntil(() => server.tally.count() > before, { what: 'it asks the target' });
      parent.kill('SIGKILL');
      await once(parent, 'exit');
      await waitUntil(() => !existsSync(`/proc/${pid}`), { what: 'the process is gone' });
      assert.equal(existsSync(into), false);
    } finally {
      parent.kill('SIGKILL');
    }
  });
});

const INDEX = new URL('./index.ts', import.meta.url).href;

const startParent = (task: VaultTask): ChildProcess => {
  const script = `
    const { runVaultTask } = await import(${JSON.stringify(INDEX)});
    const task = JSON.parse(process.argv[1]);
    task.access.dataKey = Buffer.from(task.access.dataKey, 'hex');
    await runVaultTask(task);`;
  const plain = JSON.stringify(task, (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  );
  return spawn(process.execPath, ['--input-type=module', '--eval', script, plain], { stdio: ['ignore', 'ignore', 'inherit'] });
};

test('whoever runs tasks loads neither the SDK nor age', async () => {
  const script = `
    import { registerHooks } from 'node:module';
    registerHooks({
      load(url, context, next) {
        if (/node_modules\\/(@aws-sdk|@smithy|age-encryption|@noble)\\//.test(url)) console.log(url);
        return next(url, context);
      },
    });
    const { runVaultTask } = await import(${JSON.stringify(INDEX)});
    console.log((await runVaultTask({ kind: 'check-target', url: process.argv[1] })).ok);`;
  const program = spawn(process.execPath, ['--input-type=module', '--eval', script, `dir:${directory.join('loaded')}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  });
  const chunks: Buffer[] = [];
  program.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(program, 'close');
  assert.equal(Buffer.concat(chunks).toString(), 'true\n');
});

test('a store that is over is erased, and nothing beside it', async () => {
  const root = directory.join('over');
  const access = await openAt('over', `dir:${root}`, await createIdentity());
  const sealed = await openAccess(access);
  for (const name of ['gone/l/log-1-2', 'gone/marks/a', 'gone2/l/log-1-2']) await sealed.put(name, Buffer.from('x'), {});
  const record = { kind: 'record', access, stores: ['gone', 'gone2'].map((id) => ({ ...ABOUT, id })) } as const;
  await runVaultTask(record);
  assert.deepEqual(await runVaultTask({ kind: 'erase', access, id: 'gone' }), { deleted: 3 });
  const left = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    left
      .map(({ name, parentPath }) => `${parentPath.slice(root.length)}/${name}`)
      .filter((name) => name.includes('gone'))
      .toSorted(),
    ['/gone2/l/log-1-2', '/stores/gone2'],
  );
  assert.deepEqual(await runVaultTask({ kind: 'erase', access, id: 'gone' }), { deleted: 1 }, 'what is absent is no error');
});

const ABOUT = { app: 'a', store: 's', kind: 'sqlite', path: 'a.db' } as const;
