import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom, createS3Server, temporaryDirectory, waitUntil } from '@berth/testing';
import { describeStore, type StoreHarness } from '../conformance.ts';
import { breakableDirectory, breakableS3 } from '../fake-targets.ts';
import { createFilesDriver } from './files-driver.ts';
import { walkTree } from './tree-walk.ts';
import { createTrees } from './trees.ts';

const RESTIC = '/usr/bin/restic';
const skip = existsSync(RESTIC) ? false : 'no restic on this machine';

const openHarness = async (where: 'directories' | 's3'): Promise<StoreHarness> => {
  const directory = await temporaryDirectory();
  const servers = new AsyncDisposableStack();
  const cache = directory.join('cache');
  const openDriver = () => {
    const shared = { now: () => new Date(), notice: () => undefined };
    return createFilesDriver({
      ...shared,
      trees: createTrees({ ...shared, cache, restic: async () => ({ path: RESTIC, env: {} }) }),
    });
  };
  let driver = openDriver();
  let stores = 0;
  let targets = 0;
  const scratch = directory.join('scratch');
  await mkdir(scratch);
  return {
    get driver() {
      return driver;
    },
    async restart() {
      await driver.stop({ timeoutMs: 0 });
      driver = openDriver();
      return driver;
    },
    newStore: () => ({
      id: `store${++stores}`,
      path: directory.join(`store ${stores}`),
      owner: null,
      snapshotEveryMs: 3_600_000,
    }),
    async newTarget() {
      targets += 1;
      if (where === 'directories') return breakableDirectory(directory.join(`target${targets}`));
      const server = servers.use(await createS3Server({ buckets: ['bucket'] }));
      return breakableS3(server, { bucket: 'bucket', prefix: `target${targets}` });
    },
    async write({ path }, value) {
      await rm(path, { recursive: true, force: true });
      await mkdir(path);
      const random = createRandom(value);
      for (let file = 0; file < 40 + value; file++) {
        await mkdir(`${path}/${file % 7}`, { recursive: true });
        await writeFile(`${path}/${file % 7}/${file}`, random.text(random.integer(0, 3_000)));
      }
      await writeFile(`${path}/large`, Buffer.alloc(3_000_000, `${value} `));
    },
    digest: digestOf,
    scratch,
    async restoreAndKill(request, afterMs) {
      const script = `
        const { createFilesDriver } = await import(${JSON.stringify(new URL('files-driver.ts', import.meta.url).href)});
        const { createTrees } = await import(${JSON.stringify(new URL('trees.ts', import.meta.url).href)});
        const { cache, restic, request } = JSON.parse(process.argv[1]);
        const deps = { now: () => new Date(), notice: () => undefined };
        const trees = createTrees({ ...deps, cache, restic: async () => ({ path: restic, env: {} }) });
        const from = { ...request.from, dataKey: Buffer.from(request.from.dataKey.data) };
        process.send('ready');
        await createFilesDriver({ ...deps, trees }).restore({ ...request, from });`;
      const settings = JSON.stringify({ cache, restic: RESTIC, request });
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, settings], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      });
      const exited = once(child, 'exit');
      await Promise.race([once(child, 'message'), exited]);
      // What is measured is when to kill, not whether something has happened.
      await sleep(afterMs);
      child.kill('SIGKILL');
      await exited;
      await waitUntil(() => !isMentioned(request.into), { what: 'restic has ended with it' });
    },
    async [Symbol.asyncDispose]() {
      await driver.stop({ timeoutMs: 0 });
      await servers.disposeAsync();
      await directory[Symbol.asyncDispose]();
    },
  };
};

/** Whether any process has this path among its words. */
const isMentioned = (path: string): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(path.replace(/\/[^/]*$/, ''));
      } catch {
        return false;
      }
    });

/** Of names, kinds, modes, times and bytes. */
const digestOf = async (root: string): Promise<string> => {
  const lines: string[] = [];
  for await (const { path, stats } of walkTree(root)) {
    const name = path.subarray(Buffer.byteLength(root)).toString('latin1');
    const content = stats.isFile()
      ? createHash('sha256')
          .update(await readFile(path))
          .digest('hex')
      : '';
    lines.push(`${name} ${stats.mode} ${stats.mtimeNs} ${content}`);
  }
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex');
};

if (skip === false)
  describeStore('files at directories', { open: () => openHarness('directories'), killAfterMs: [300, 900, 1_600] });
else test('a store of files', { skip }, () => undefined);
