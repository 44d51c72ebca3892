import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { link, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { exec, execOk } from '@berth/host';
import { createS3Server, type TemporaryDirectory, temporaryDirectory, waitUntil } from '@berth/testing';
import type { VaultAccess } from '@berth/vault';
import type { StoreNotice } from '../store.ts';
import { walkTree } from './tree-walk.ts';
import { treePlace } from './tree-place.ts';
import { createTrees, type Trees } from './trees.ts';

const RESTIC = '/usr/bin/restic';
const skip = existsSync(RESTIC) ? false : 'no restic on this machine';
const isRoot = process.getuid?.() === 0;
const AT = Date.parse('2026-03-10T12:00:00.123Z');

/** Everything that shall come back, a line for each name. */
const describeTree = async (root: string): Promise<string[]> => {
  const lines: string[] = [];
  for await (const { path, stats } of walkTree(root)) {
    const name = path.subarray(Buffer.byteLength(root)).toString('latin1');
    const content = stats.isFile() ? readFileSync(path).toString('base64').slice(0, 100) : '';
    const size = stats.isFile() ? stats.size : '';
    lines.push(JSON.stringify([name, stats.mode.toString(8), String(stats.mtimeNs), String(size), String(stats.nlink), content]));
  }
  return lines.sort();
};

// Restic waits for the disk most of the time.
describe('trees of files', { skip, concurrency: 3 }, () => {
  let directory: TemporaryDirectory;
  let trees: Trees;
  let access: VaultAccess;
  let made = 0;
  const notices: StoreNotice[] = [];
  const openTrees = (path = RESTIC, cache = 'cache'): Trees =>
    createTrees({
      restic: async () => ({ path, env: {} }),
      cache: directory.join(cache),
      now: () => new Date(),
      notice: (notice) => notices.push(notice),
    });
  const newAccess = (): VaultAccess => {
    const path = directory.join(`target${++made}`);
    mkdirSync(path);
    return { name: 'near', url: `dir:${path}`, dataKey: Buffer.alloc(32, made) };
  };
  const newTree = (files: Readonly<Record<string, string>>): string => {
    const path = directory.join(`tree${++made}`);
    mkdirSync(path);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
    return path;
  };
  const newPlace = (): string => {
    const place = directory.join(`place${++made}`);
    mkdirSync(place);
    return join(place, 'into');
  };

  before(async () => {
    directory = await temporaryDirectory();
    trees = openTrees();
    access = newAccess();
    await trees.save(access, { tag: 'first', directory: newTree({}), at: AT });
  });
  after(() => directory[Symbol.asyncDispose]());

  test('come back as they were, whatever is in them, at another path', async () => {
    const path = newTree({ a: 'a', '-dash': 'dash', 'with\nnewline': 'newline', ümlaut: 'u' });
    writeFileSync(Buffer.concat([Buffer.from(`${path}/bad`), Buffer.from([0xff])]), 'not UTF-8');
    mkdirSync(join(path, 'empty'), { mode: 0o2750 });
    mkdirSync(join(path, '-d'));
    writeFileSync(join(path, '-d/b'), '');
    writeFileSync(join(path, 'sparse'), '');
    truncateSync(join(path, 'sparse'), 20_000_000);
    symlinkSync('nowhere', join(path, 'dangling'));
    symlinkSync('/etc/passwd', join(path, 'outside'));
    await link(join(path, 'a'), join(path, '-d/also a'));
    await execOk(['mkfifo', join(path, 'fifo')]);
    chmodSync(join(path, '-dash'), 0o4711);
    utimesSync(join(path, 'a'), 1, 1_000_000_000.5);
    chmodSync(path, 0o710);
    const before = await describeTree(path);
    await using socket = createServer().listen(join(path, 'socket'));
    await once(socket, 'listening');
    utimesSync(path, 2, lstatSync(path).mtime);

    const saved = await trees.save(access, { tag: 'odd', directory: path, at: AT, state: 'abc' });
    assert.deepEqual([saved.isComplete, saved.unread, saved.at], [true, [], AT]);
    const [listed] = await trees.list(access, { tag: 'odd' });
    assert.deepEqual(listed, { id: listed?.id, tag: 'odd', at: AT, state: 'abc', isComplete: true });
    const into = newPlace();
    const fractions: number[] = [];
    const back = await trees.restore(access, { tag: 'odd', into, onProgress: (fraction) => fractions.push(fraction) });
    assert.equal(back.atMs, AT);
    // The root itself has got its socket meanwhile.
    const isRootLine = (line: string): boolean => line.startsWith('[""');
    assert.deepEqual(
      (await describeTree(into)).filter((line) => !isRootLine(line)),
      before.filter((line) => !isRootLine(line)),
    );
    assert.equal(statSync(into).mode & 0o7777, 0o710);
    assert.deepEqual([fractions.at(-1), fractions.toSorted((a, b) => a - b)], [1, fractions]);
  });

  test('may be empty', async () => {
    await trees.save(access, { tag: 'empty', directory: newTree({}), at: AT });
    const into = newPlace();
    assert.equal((await trees.restore(access, { tag: 'empty', into })).bytes, 0);
    assert.deepEqual(readdirSync(into), []);
  });

  test('belong to whom it is said, links too', { skip: isRoot ? false : 'only root may give files away' }, async () => {
    const path = newTree({ a: 'a' });
    symlinkSync('/etc/passwd', join(path, 'outside'));
    await trees.save(access, { tag: 'owned', directory: path, at: AT });
    const into = newPlace();
    await trees.restore(access, { tag: 'owned', into, owner: { name: 'x', uid: 12345, gid: 23456 } });
    for (const name of ['', 'a', 'outside']) assert.equal(lstatSync(join(into, name)).uid, 12345, name);
    assert.equal(statSync('/etc/passwd').uid, 0);
  });

  test('are told from what could not be read, which is kept all the same', async () => {
    const own = newAccess();
    const path = newTree({ open: 'open', closed: 'closed' });
    chmodSync(join(path, 'closed'), 0);
    // Root reads everything: restic runs as nobody then.
    const program = directory.join('restic-as-nobody');
    writeFileSync(
      program,
      `#!/bin/sh\nexec ${isRoot ? 'setpriv --reuid 65534 --regid 65534 --clear-groups ' : ''}${RESTIC} "$@"\n`,
    );
    chmodSync(program, 0o755);
    const [unlimited, limited] = [openTrees(RESTIC, 'caches of nobody'), openTrees(program, 'caches of nobody')];
    // Its repository is made by those who may.
    await unlimited.save(own, { tag: 'other', directory: newTree({}), at: AT });
    if (isRoot) await execOk(['chown', '-R', '65534:65534', own.url.slice('dir:'.length), directory.join('caches of nobody')]);
    const saved = await limited.save(own, { tag: 'partly', directory: path, at: AT });
    assert.deepEqual([saved.isComplete, saved.unread], [false, [join(path, 'closed')]]);
    assert.deepEqual(
      (await trees.list(own, { tag: 'partly' })).map(({ isComplete }) => isComplete),
      [false],
    );
    const into = newPlace();
    const { evidence } = await trees.restore(own, { tag: 'partly', into });
    assert.match(evidence, /could not be read/);
    assert.deepEqual(readdirSync(into), ['open']);
  });

  test('that change and vanish while they are read are complete', async () => {
    const path = newTree({});
    for (let file = 0; file < 300; file++) writeFileSync(join(path, `${file}`), Buffer.alloc(50_000, file));
    const stop = new AbortController();
    let changes = 0;
    const changing = (async () => {
      while (!stop.signal.aborted) {
        const name = join(path, `${changes++ % 300}`);
        if (changes % 3 === 0) rmSync(name, { force: true });
        else if (changes % 3 === 1) writeFileSync(name, Buffer.alloc(changes % 90_000, changes));
        else await rename(name, `${name}.moved`).catch(() => undefined);
        await new Promise(setImmediate);
      }
    })();
    const saved = await trees.save(access, { tag: 'busy', directory: path, at: AT }).finally(() => stop.abort());
    await changing;
    assert.ok(changes > 100, `${changes} changes`);
    assert.deepEqual(saved.unread, []);
    assert.ok((await trees.restore(access, { tag: 'busy', into: newPlace() })).bytes > 0);
  });

  test('are not opened by another key, nor made anew where they have gone', async () => {
    await assert.rejects(trees.list({ ...access, dataKey: Buffer.alloc(32, 99) }), { code: 'TREE_KEY_WRONG' });
    const own = newAccess();
    const path = newTree({ a: 'a' });
    await trees.save(own, { tag: 'a', directory: path, at: AT });
    rmSync(join(own.url.slice('dir:'.length), 'tree'), { recursive: true });
    await assert.rejects(trees.save(own, { tag: 'a', directory: path, at: AT }), { code: 'TREES_GONE' });
    await assert.rejects(trees.list(own), { code: 'TREES_GONE' });
  });

  test('tell nothing of names and content to who has the target', async () => {
    const own = newAccess();
    const path = newTree({ 'Secretname.txt': 'Secretcontent '.repeat(1_000) });
    await trees.save(own, { tag: 'Secrettag', directory: path, at: AT });
    const found = await exec(['grep', '-rlE', 'Secret|berth', own.url.slice('dir:'.length)]);
    assert.deepEqual([found.exitCode, found.stdout], [1, '']);
  });

  test('go to a repository that two make at once, or that one had begun', async () => {
    const own = newAccess();
    const path = newTree({ a: 'a' });
    const both = [openTrees(), openTrees()];
    await Promise.all(both.map((each, at) => each.save(own, { tag: 'a', directory: path, at })));
    assert.equal((await trees.list(own)).length, 2);
    const root = join(own.url.slice('dir:'.length), 'tree');
    assert.equal(readdirSync(join(root, 'keys')).length, 1);
    // As one leaves it that is killed after each of its three objects.
    const other = newAccess();
    const begun = join(other.url.slice('dir:'.length), 'tree');
    mkdirSync(join(begun, 'keys'), { recursive: true });
    writeFileSync(join(begun, 'first'), readFileSync(join(root, 'first')));
    const sameKey = { ...other, dataKey: own.dataKey };
    await openTrees().save(sameKey, { tag: 'a', directory: path, at: AT });
    assert.deepEqual(readdirSync(join(begun, 'keys')), readdirSync(join(root, 'keys')));
  });

  test('are locked by a run that lives, and not by one that has died', async () => {
    const own = newAccess();
    const saved = await trees.save(own, { tag: 'a', directory: newTree({ a: 'a' }), at: AT });
    const { repository, env } = treePlace(own);
    // It waits for its input, and holds its lock meanwhile.
    const other = spawn(RESTIC, ['-r', repository, '--no-cache', 'backup', '--stdin'], {
      env: { ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const exited = once(other, 'exit');
    const locks = (): number => readdirSync(join(repository, 'locks')).length;
    await waitUntil(() => locks() === 1, { what: 'it has its lock' });
    await assert.rejects(trees.forget(own, [saved]), { code: 'TREE_LOCKED' });
    other.kill('SIGKILL');
    await exited;
    await trees.forget(own, [saved]);
    assert.equal(locks(), 0);
    assert.ok(notices.some(({ name, fields }) => name === 'tree.lock-removed' && fields.pid === other.pid));
    assert.deepEqual(await trees.list(own), []);
    assert.ok((await trees.prune(own, { maxRepackBytes: 1e9 })).bytesFreed > 0);
  });

  test('that were damaged at the target are not brought back, and a check finds it', async () => {
    const own = newAccess();
    await trees.save(own, { tag: 'a', directory: newTree({ a: 'x'.repeat(1_000), b: 'y'.repeat(300_000) }), at: AT });
    assert.match((await trees.check(own, { subset: '100%' })).evidence, /no errors/);
    const data = join(own.url.slice('dir:'.length), 'tree/data');
    const packs = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    for (const { parentPath, name } of packs) {
      const pack = join(parentPath, name);
      const bytes = readFileSync(pack);
      bytes[20] = (bytes[20] ?? 0) ^ 1;
      chmodSync(pack, 0o600);
      writeFileSync(pack, bytes);
    }
    const into = newPlace();
    await assert.rejects(trees.restore(own, { tag: 'a', into }), { code: 'TREE_DAMAGED' });
    assert.deepEqual(readdirSync(join(into, '..')), []);
    await assert.rejects(trees.check(own, { subset: '100%' }), { code: 'TREE_DAMAGED' });
  });

  test('are kept in a bucket, and what is said of it holds no key', async () => {
    await using server = await createS3Server({ buckets: ['bucket'] });
    const credentials = { accessKeyId: 'BERTHTESTACCESSKEY00', secretAccessKey: 'berth+test/secret+access/key0000000000000' };
    const far = {
      name: 'far',
      url: `s3://bucket/deep/er?endpoint=${server.endpoint}`,
      credentials,
      dataKey: Buffer.alloc(32, 5),
    };
    assert.deepEqual(await trees.list(far), []);
    const path = newTree({ a: 'a', b: 'b'.repeat(200_000) });
    await trees.save(far, { tag: 'sha256:0a', directory: path, at: AT });
    await trees.save(far, { tag: 'other', directory: path, at: AT });
    assert.ok(server.keys('bucket').every((key) => key.startsWith('deep/er/tree/')));
    const into = newPlace();
    await trees.restore(far, { tag: 'sha256:0a', into });
    assert.deepEqual(await describeTree(into), await describeTree(path));
    assert.equal(await trees.forgetTags(far, ['sha256:0a', 'none']), 1);
    assert.deepEqual(
      (await trees.list(far)).map(({ tag }) => tag),
      ['other'],
    );
    server.setCredentials([{ ...credentials, secretAccessKey: 'rotated' }]);
    await assert.rejects(trees.list(far), (error: Error & { code: string }) => {
      assert.match(error.code, /^T(ARGET_DENIED|REE_TARGET_FAILED)$/);
      assert.ok(!JSON.stringify([error.message, error]).includes(credentials.secretAccessKey));
      return true;
    });
  });

  test('are refused where they cannot be saved or brought back', async () => {
    const path = newTree({ a: 'a' });
    await trees.save(access, { tag: 'here', directory: path, at: AT });
    const refused: [() => Promise<unknown>, string][] = [
      [() => trees.save(access, { tag: 'a,b', directory: path, at: AT }), 'TREE_TAG_INVALID'],
      [() => trees.save(access, { tag: 'a', directory: join(path, 'none'), at: AT }), 'TREE_UNREADABLE'],
      [() => trees.save(access, { tag: 'a', directory: join(path, 'a'), at: AT }), 'TREE_UNREADABLE'],
      [() => trees.restore(access, { tag: 'never-saved', into: newPlace() }), 'TREE_MISSING'],
      [() => trees.restore(access, { tag: 'here', at: AT - 1, into: newPlace() }), 'TREE_MISSING'],
      [() => trees.restore(access, { tag: 'here', into: path }), 'TREE_IN_THE_WAY'],
    ];
    for (const [act, code] of refused) await assert.rejects(act, { code });
  });
});
