/** The artifact is built for real, once for this file: some seconds and 50 MB. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { exec, execOk } from '@berth/host';
import { temporaryDirectory } from '@berth/testing';
import { buildArtifact } from './build.ts';
import { findNodeBinary } from './node-binary.ts';

const root = resolve(import.meta.dirname, '../..');
const sha256 = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

describe('the artifact', async () => {
  const directory = await temporaryDirectory();
  after(() => directory[Symbol.asyncDispose]());
  const machine = process.arch === 'arm64' ? 'linux-arm64' : 'linux-x64';
  const cache = directory.join('cache');
  const built = await buildArtifact({ root, machine, cache });
  const first = sha256(built.file);
  const unpacked = directory.join('unpacked');
  await execOk(['mkdir', unpacked]);
  await execOk(['tar', '-xzf', built.file, '-C', unpacked]);
  const names = (await execOk(['tar', '-tzf', built.file])).stdout.trim().split('\n');

  test('is the same bytes for the same contents, and built once', async (t) => {
    const again = await buildArtifact({ root, machine, cache });
    if (again.hash !== built.hash) return t.skip('somebody works in this clone at this moment');
    assert.equal(again.cached, true);
    rmSync(again.file);
    const anew = await buildArtifact({ root, machine, cache });
    assert.deepEqual([anew.cached, sha256(anew.file)], [false, first]);
  });

  test('holds neither tests, nor apps, nor the tools of development', () => {
    const wrong = names.filter((name) =>
      /\.test\.ts$|^apps\/|^examples\/|^tools\/|node_modules\/(typescript|@biomejs|knip|playwright-core)\//.test(name),
    );
    assert.deepEqual(wrong, []);
    assert.ok(names.includes('packages/edge/haproxy/edge.lua'));
    assert.ok(names.length > 1_000 && built.bytes < 80e6, `${names.length} files, ${built.bytes} bytes`);
  });

  test('knows what it holds: a file that was changed is found', async () => {
    const check = ['sha256sum', '--check', '--quiet', '--strict', 'SHA256SUMS'];
    await execOk(check, { cwd: unpacked });
    assert.equal(built.hash, sha256(join(unpacked, 'SHA256SUMS')));
    appendFileSync(join(unpacked, 'LICENSE'), 'x');
    assert.match((await exec(check, { cwd: unpacked })).stdout, /^LICENSE: FAILED$/m);
  });

  test('runs with nothing but itself: no npm, no Node of the machine, no clone', async () => {
    const bin = directory.join('bin');
    await execOk(['mkdir', bin]);
    for (const program of ['uname', 'cksum', 'dirname', 'readlink', 'id', 'mkdir', 'sh'])
      await execOk(['sh', '-c', 'ln -s "$(command -v "$1")" "$2"', 'sh', program, bin]);
    const env = {
      PATH: bin,
      HOME: directory.join('nowhere'),
      BERTH_HOME: directory.join('home'),
      NODE_COMPILE_CACHE: directory.join('code'),
    };
    const version = await execOk([join(unpacked, 'berth'), 'version', '--json'], { env });
    assert.equal(JSON.parse(version.stdout).version, built.version);
    // Loads commander, the protocol and the host, and finds no platform there.
    const ps = await execOk(['sh', '-c', '"$1" ps --json; echo "ended with $?"', 'sh', join(unpacked, 'berth')], { env });
    assert.match(ps.stdout, /PLATFORM_NOT_RUNNING[^]*ended with 5/);
    // Every module that the daemon loads is there: it comes to its environment, which is wrong, and says so.
    const daemon = [join(unpacked, 'node_modules/.bin/node'), join(unpacked, 'programs/daemon/main.ts')];
    const started = await execOk(['sh', '-c', '"$@" 2>&1; true', 'sh', ...daemon], {
      env: { ...env, BERTH_SETTINGS: 'no JSON' },
    });
    assert.match(started.stdout, /daemon\.failed/);
    assert.doesNotMatch(started.stdout, /ERR_MODULE_NOT_FOUND/);
  });

  test('of another kind of machine brings the Node of that, or says what to do', async () => {
    const other = machine === 'linux-x64' ? 'linux-arm64' : 'linux-x64';
    const found = ((): string => {
      try {
        return findNodeBinary(root, other, directory.join('node')).binary;
      } catch (thrown) {
        return (thrown as Error & { hint: string }).hint;
      }
    })();
    assert.match(found, /bin\/node$|npm pack node-linux-/);
  });
});
