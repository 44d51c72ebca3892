import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { type Exchange, exchange, putBack } from './exchange.ts';

class Killed extends Error {}

/** What lies below a directory, by relative path; a directory's content is that of the file in it. */
const contents = (root: string, at = ''): Record<string, string> => {
  const found: Record<string, string> = {};
  for (const name of readdirSync(join(root, at)).sort()) {
    const path = join(at, name);
    if (statSync(join(root, path)).isDirectory()) Object.assign(found, contents(root, path));
    else found[path] = readFileSync(join(root, path), 'utf8');
  }
  return found;
};

const write = (root: string, files: Readonly<Record<string, string>>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
};

type Case = {
  readonly name: string;
  readonly endings: readonly string[];
  readonly before: Readonly<Record<string, string>>;
  readonly after: Readonly<Record<string, string>>;
  /** What the application leaves when it has used what was restored. */
  readonly used?: Readonly<Record<string, string>>;
};

const SQLITE = ['', '-wal', '-shm', '-journal'];

const cases: Case[] = [
  {
    name: 'a database with all its parts',
    endings: SQLITE,
    before: { 'app/db': 'old', 'app/db-wal': 'old wal', 'app/db-shm': 'old shm', 'app/other': 'other', 'near/new': 'new' },
    after: {
      'app/db': 'new',
      'app/other': 'other',
      'near/aside/db': 'old',
      'near/aside/db-shm': 'old shm',
      'near/aside/db-wal': 'old wal',
    },
    used: { 'app/db-wal': 'new wal', 'app/db-journal': 'new journal' },
  },
  {
    name: 'a database without a log',
    endings: SQLITE,
    before: { 'app/db': 'old', 'near/new': 'new' },
    after: { 'app/db': 'new', 'near/aside/db': 'old' },
    used: { 'app/db-wal': 'new wal', 'app/db-shm': 'new shm' },
  },
  {
    name: 'nothing',
    endings: SQLITE,
    before: { 'app/other': 'other', 'near/new': 'new' },
    after: { 'app/db': 'new', 'app/other': 'other' },
  },
  {
    name: 'a directory',
    endings: [''],
    before: { 'app/db/a': 'old', 'near/new/b': 'new' },
    after: { 'app/db/b': 'new', 'near/aside/db/a': 'old' },
    used: { 'app/db/c': 'newer' },
  },
];

const open = async (each: Case, { isAsideThere = false } = {}) => {
  const directory = await temporaryDirectory();
  const reset = (): void => {
    for (const name of readdirSync(directory.path)) rmSync(directory.join(name), { recursive: true });
    for (const name of ['app', 'near']) mkdirSync(directory.join(name));
    write(directory.path, each.before);
    if (isAsideThere) mkdirSync(directory.join('near/aside'));
  };
  reset();
  const live = directory.join('app/db');
  const request: Exchange = {
    parts: each.endings.map((ending) => `${live}${ending}`),
    restored: directory.join('near/new'),
    live,
    aside: directory.join('near/aside'),
  };
  /** True when it was ended after that many steps, as by SIGKILL: all that a step does is one rename. */
  const interrupted = async (act: typeof exchange, steps: number): Promise<boolean> => {
    let left = steps;
    const onStep = (): void => {
      if (--left === 0) throw new Killed();
    };
    if (isAsideThere && act === exchange) mkdirSync(request.aside, { recursive: true });
    return act({ ...request, onStep }).then(
      () => false,
      (error: unknown) => {
        if (error instanceof Killed) return true;
        throw error;
      },
    );
  };
  return {
    request,
    /** As callers do it: those who make the directory make it each time. */
    async exchange() {
      if (isAsideThere) mkdirSync(request.aside, { recursive: true });
      await exchange(request);
    },
    reset,
    interrupted,
    path: directory.path,
    now: () => contents(directory.path),
    values: () => Object.values(contents(directory.path)).sort(),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
};

for (const [each, isAsideThere] of cases.flatMap((one) => [[one, false] as const, [one, true] as const]))
  describe(`in the place of ${each.name}${isAsideThere ? ', where the directory beside it was made before' : ''}`, () => {
    test('what was restored is put, once, however often it is asked for', async () => {
      await using place = await open(each, { isAsideThere });
      for (const times of ['once', 'twice']) {
        await place.exchange();
        assert.deepEqual(place.now(), each.after, times);
      }
    });

    test('nothing is put back when nothing was exchanged', async () => {
      await using place = await open(each, { isAsideThere });
      await putBack(place.request);
      assert.deepEqual(place.now(), each.before);
    });

    test('ended after every step it loses nothing, and goes on', async () => {
      await using place = await open(each, { isAsideThere });
      const values = place.values();
      let steps = 1;
      while (await place.interrupted(exchange, steps)) {
        assert.deepEqual(place.values(), values, `after ${steps} steps`);
        await place.exchange();
        assert.deepEqual(place.now(), each.after, `after ${steps} steps`);
        place.reset();
        steps += 1;
      }
      assert.ok(steps > 2, `${steps} steps`);
    });

    test('ended after every step it can be put back, and that be ended after every step', async () => {
      await using place = await open(each, { isAsideThere });
      const values = place.values();
      for (let steps = 1; ; steps++) {
        const wasKilled = await place.interrupted(exchange, steps);
        for (let backSteps = 1; await place.interrupted(putBack, backSteps); backSteps++) {
          assert.deepEqual(place.values(), values, `after ${steps} and ${backSteps} steps`);
          await putBack(place.request);
          assert.deepEqual(place.now(), each.before, `after ${steps} and ${backSteps} steps`);
          await putBack(place.request);
          place.reset();
          await place.interrupted(exchange, steps);
        }
        assert.deepEqual(place.now(), each.before, `after ${steps} steps`);
        place.reset();
        if (!wasKilled) break;
      }
    });

    test('what was written to it since is not lost when it is put back, nor when it is exchanged once more', async () => {
      await using place = await open(each, { isAsideThere });
      const { used = {} } = each;
      const written = (): string[] => [...Object.values(each.before), ...Object.values(used)].sort();
      for (let steps = 1; ; steps++) {
        await place.exchange();
        write(place.path, used);
        const wasKilled = await place.interrupted(putBack, steps);
        assert.deepEqual(place.values(), written(), `after ${steps} steps`);
        await putBack(place.request);
        const back = place.now();
        for (const [path, content] of Object.entries(each.before))
          if (!path.startsWith('near/')) assert.equal(back[path], content, `${path} after ${steps} steps`);
        assert.equal(
          Object.keys(back).filter((path) => path.startsWith('app/')).length,
          Object.keys(each.before).filter((path) => path.startsWith('app/')).length,
        );
        await place.exchange();
        assert.deepEqual(place.now(), { ...each.after, ...used }, `after ${steps} steps`);
        place.reset();
        if (!wasKilled) break;
      }
    });

    test('an interrupted way back can be turned round again', async () => {
      await using place = await open(each, { isAsideThere });
      for (let steps = 1; ; steps++) {
        await place.exchange();
        const wasKilled = await place.interrupted(putBack, steps);
        await place.exchange();
        assert.deepEqual(place.now(), each.after, `after ${steps} steps`);
        place.reset();
        if (!wasKilled) break;
      }
    });
  });

test('a database that somebody began in the middle is kept, and is not what comes back', async () => {
  const [each] = cases;
  assert.ok(each);
  await using place = await open(each);
  let steps = 1;
  while (await place.interrupted(exchange, steps)) {
    const isGone = !('app/db' in place.now());
    if (isGone) {
      write(place.path, { 'app/db': 'begun' });
      await exchange(place.request);
      assert.equal(place.now()['app/db'], 'new', `after ${steps} steps`);
      assert.ok(place.values().includes('begun'));
      await putBack(place.request);
      assert.equal(place.now()['app/db'], 'old', `after ${steps} steps`);
      assert.ok(place.values().includes('begun'));
    }
    place.reset();
    steps += 1;
  }
});

test('what cannot be done is refused before anything is moved', async () => {
  const [each] = cases;
  assert.ok(each);
  await using place = await open(each);
  const before = place.now();
  const elsewhere = { ...place.request, aside: '/proc/aside' };
  await assert.rejects(exchange(elsewhere), { code: 'EXCHANGE_IMPOSSIBLE' });
  await assert.rejects(exchange({ ...place.request, restored: join(place.path, 'none') }), { code: 'EXCHANGE_IMPOSSIBLE' });
  await putBack(place.request);
  assert.deepEqual(place.now(), before);
});
