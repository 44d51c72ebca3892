import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { BerthError } from '@berth/core';
import { acquireLock, homeLayout } from '@berth/host';
import { temporaryDirectory } from '@berth/testing';
import { readTargetKeys } from '../protection/target-keys.ts';
import { type LostMachine, loseMachine, T0 } from './fake-machine.ts';
import { assertWhole, readStore, withJournal } from './fake-whole.ts';
import { finishRecovery, readRecord } from './record.ts';
import { recover } from './recover.ts';

const newest = { at: null, takeOver: false };
const codeOf = (code: string) => (error: BerthError) => error.code === code;

describe('a recovery', () => {
  test('fills an empty home with everything that the targets hold', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const recovered = await recover(machine.deps(), newest);
    assertWhole(machine.home);
    assert.deepEqual(
      recovered.apps.map(({ app, state, release, stoppedBecause }) => ({ app, state, release, stoppedBecause })),
      [
        { app: 'notes', state: 'running', release: 2, stoppedBecause: null },
        { app: 'site', state: 'running', release: 1, stoppedBecause: null },
      ],
    );
    const main = recovered.parts.find(({ name }) => name === 'main');
    assert.equal(main?.at, new Date(T0 + 100).toISOString());
    const { installation } = readRecord(machine.home) ?? {};
    withJournal(machine.home, (journal) => assert.deepEqual(journal.settings.get('installation'), installation));
    for (const name of machine.targets.keys()) {
      const vault = await machine.vault(name);
      assert.equal((await vault.owner())?.id, installation?.id);
      assert.deepEqual(
        Buffer.from(readTargetKeys(homeLayout(machine.home)).get(name)?.dataKey ?? []),
        Buffer.from(vault.dataKey),
      );
    }
  });

  test('leases ports that a home beside it, of the same range, is not about to lease too', async () => {
    const leased: number[] = [];
    for (let home = 0; home < 5; home += 1) {
      await using directory = await temporaryDirectory();
      const machine = await loseMachine(directory.path);
      await recover(machine.deps(), newest);
      withJournal(machine.home, (journal) => leased.push(...journal.instances.list().flatMap(({ port }) => port ?? [])));
    }
    assert.ok(leased.length >= 5);
    assert.ok(new Set(leased).size > leased.length / 2, leased.join(' '));
  });

  test('does what is done only once', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const kill = (point: string) => {
      if (point === 'recover.store:s-main.after') throw new Error('killed');
    };
    await assert.rejects(recover(machine.deps(kill), newest), /killed/);
    const main = join(machine.home, 'apps/notes/stores/main/main.db');
    const { ino } = statSync(main);
    machine.events.length = 0;
    await recover(machine.deps(), newest);
    assert.equal(statSync(main).ino, ino);
    assert.ok(machine.events.some(({ event }) => event === 'resumed'));
    machine.events.length = 0;
    await recover(machine.deps(), newest);
    assert.deepEqual(machine.events, [], 'all was there: nothing was asked');
  });

  test('goes back to one moment with everything', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const recovered = await recover(machine.deps(), { at: new Date(T0 + 40), takeOver: false });
    assert.equal(readStore(machine.home, 'main/main.db'), 'early rows');
    assert.equal(recovered.apps.find(({ app }) => app === 'notes')?.release, 1);
    withJournal(machine.home, (journal) => {
      assert.deepEqual(journal.points.list('notes'), [], 'a point of the future is not known');
      const positions = {};
      const added = journal.points.add({
        app: 'notes',
        at: '',
        kind: 'manual',
        label: null,
        release: 1,
        operation: null,
        positions,
      });
      assert.equal(added.number, 10, 'and its number is not used again');
    });
  });

  test('takes the next target for what one has damaged, and for what is newer there', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    const [near, far] = [machine.targets.get('near'), machine.targets.get('far')];
    near?.stores.set('s-main', [{ atMs: T0 + 100, content: null }]);
    near?.trees.set('build-b2', [{ atMs: T0, content: null }]);
    far?.stores.set('s-files', [{ atMs: T0 + 10, content: 'newer pictures' }]);
    const { parts } = await recover(machine.deps(), newest);
    const from = (name: string) => parts.find((part) => part.name === name)?.target;
    assert.equal(from('main'), 'far');
    assert.equal(from('pictures'), 'far');
    assert.equal(from('b2'), 'far');
    assert.equal(readStore(machine.home, 'pictures/content'), 'newer pictures');
    assert.ok(machine.events.some((event) => event.event === 'part.failed' && event.target === 'near'));
  });

  test('brings the others back when one app lost something, and does not start that one', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    for (const { stores } of machine.targets.values()) stores.set('s-main', [{ atMs: T0, content: null }]);
    const { apps } = await recover(machine.deps(), newest);
    assert.match(
      apps.find(({ app }) => app === 'notes')?.stoppedBecause ?? '',
      /store main.*near: it is damaged; far: it is damaged/,
    );
    withJournal(machine.home, (journal) => {
      assert.equal(journal.apps.get('notes').state, 'stopped');
      assert.equal(journal.apps.get('site').state, 'running');
      assert.deepEqual(
        journal.instances.list().map(({ app }) => app),
        ['site'],
      );
    });
    assert.ok(!existsSync(join(machine.home, 'apps/notes/stores/main/main.db')));
  });

  test('names the commit to deploy again where the build of a serving release is nowhere', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    for (const { trees } of machine.targets.values()) trees.delete('build-b2');
    const { apps } = await recover(machine.deps(), newest);
    assert.match(apps.find(({ app }) => app === 'notes')?.stoppedBecause ?? '', /deploy commit c0ffee000000 again/);
    assert.equal(readStore(machine.home, 'main/main.db'), 'late rows');
  });

  test('counts a release that cannot be built back to as pruned', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    for (const { trees } of machine.targets.values()) trees.delete('build-b1');
    // Of the other app it is the one that serves.
    const { apps } = await recover(machine.deps(), newest);
    assert.deepEqual(
      apps.map(({ stoppedBecause }) => stoppedBecause === null),
      [true, false],
    );
    withJournal(machine.home, (journal) => assert.equal(journal.releases.get('notes', 1).state, 'pruned'));
  });

  test('lets an app begin empty whose store no target has ever seen, but not when one of them is silent', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    for (const { stores } of machine.targets.values()) stores.delete('s-files');
    machine.silent.add('far');
    const first = await recover(machine.deps(), newest);
    assert.match(first.apps[0]?.stoppedBecause ?? '', /pictures.*far does not answer/);
    assert.deepEqual(
      first.silent.map(({ target }) => target),
      ['far'],
    );
    machine.silent.clear();
    machine.home = join(directory.path, 'second');
    const second = await recover(machine.deps(), { at: null, takeOver: true });
    assert.equal(second.apps[0]?.stoppedBecause, null);
    assert.equal(second.parts.find(({ name }) => name === 'pictures')?.outcome, 'nothing');
  });

  test('stops where the only target with a store falls silent, and goes on when it is back', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    machine.targets.get('near')?.stores.delete('s-main');
    const fall = (point: string) => {
      if (point === 'recover.store:s-main.before') machine.silent.add('far');
    };
    const deps = machine.deps(fall);
    const ranges = deps.drivers.sqlite.ranges;
    // It says what it has, and then nothing.
    const late: typeof ranges = async (store, access) =>
      store.id === 's-main' && access.name === 'far'
        ? [{ fromMs: T0, toMs: T0 + 100, resolution: 'every-change', states: null }]
        : ranges(store, access);
    const drivers = { ...deps.drivers, sqlite: { ...deps.drivers.sqlite, ranges: late } };
    await assert.rejects(recover({ ...deps, drivers }, newest), codeOf('TARGET_FAILED'));
    machine.silent.clear();
    await recover(machine.deps(), newest);
    assertWhole(machine.home);
  });

  test('learns of targets that were added after the kit was written', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    machine.targets.get('near')?.stores.delete('s-main');
    const deps = machine.deps();
    const kit = { ...deps.kit, targets: deps.kit.targets.filter(({ name }) => name === 'near') };
    const { parts } = await recover({ ...deps, kit }, newest);
    assert.equal(parts.find(({ name }) => name === 'main')?.target, 'far');
    assert.equal((await (await machine.vault('far')).owner())?.host, 'new.example');
  });
});

describe('a recovery refuses', () => {
  const refusals: {
    name: string;
    code: string;
    prepare: (machine: LostMachine) => unknown;
  }[] = [
    {
      name: 'while the old machine was there a moment ago',
      code: 'VAULT_OWNED',
      prepare: (machine) => (machine.nowMs = T0 + 5 * 60_000),
    },
    {
      name: 'a home that holds a platform',
      code: 'HOME_NOT_EMPTY',
      prepare: async (machine) => {
        await recover(machine.deps(), newest);
        await finishRecovery(machine.home);
      },
    },
    {
      name: 'when no target answers',
      code: 'RECOVERY_NO_TARGET',
      prepare: (machine) => ['near', 'far'].map((name) => machine.silent.add(name)),
    },
    {
      name: 'when the platform itself is nowhere',
      code: 'RECOVERY_PLATFORM_NOT_FOUND',
      prepare: (machine) => [...machine.targets.values()].map(({ stores }) => stores.delete('platform')),
    },
    {
      name: 'while a daemon, or another recovery, has the home',
      code: 'HOME_LOCKED',
      prepare: async (machine) => {
        await assert.rejects(recover(machine.deps(killAt('recover.begin.after')), newest), /killed/);
        locks.push(acquireLock(homeLayout(machine.home).lock));
      },
    },
    {
      name: 'a home that is being filled from another kit',
      code: 'RECOVERY_OTHER_CONFLICT',
      prepare: async (machine) => {
        await assert.rejects(recover(machine.deps(killAt('recover.begin.after')), newest), /killed/);
        const file = join(machine.home, 'recovery.json');
        writeFileSync(file, readFileSync(file, 'utf8').replace(/"kit": "\w+"/, '"kit": "of another"'));
      },
    },
  ];
  const locks: Disposable[] = [];
  const killAt = (wanted: string) => (point: string) => {
    if (point === wanted) throw new Error('killed');
  };

  for (const { name, code, prepare } of refusals) {
    test(name, async () => {
      await using directory = await temporaryDirectory();
      const machine = await loseMachine(directory.path);
      await prepare(machine);
      await assert.rejects(recover(machine.deps(), newest), codeOf(code));
      for (const lock of locks.splice(0)) lock[Symbol.dispose]();
    });
  }

  test('an owner that is alive only until somebody says that it is lost, and leaves no home behind before', async () => {
    await using directory = await temporaryDirectory();
    const machine = await loseMachine(directory.path);
    machine.nowMs = T0 + 1_000;
    await assert.rejects(recover(machine.deps(), newest), codeOf('VAULT_OWNED'));
    assert.ok(!existsSync(machine.home));
    await recover(machine.deps(), { at: null, takeOver: true });
    await rm(machine.home, { recursive: true });
  });
});
