import assert from 'node:assert/strict';
import { chownSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { exec, execOk } from './exec.ts';
import { findUser } from './users.ts';

// Downloads some megabytes with apt, as a user without rights, on a machine that is told it has none of the packages.
const aptOffers = (await exec(['apt-cache', 'show', 'haproxy']).catch(() => null))?.exitCode === 0;
const PACKAGES = ['haproxy', 'nginx', 'nginx-common', 'liblua5.3-0', 'libopentracing-c-wrapper0', 'libopentracing1'];

test('HAProxy and nginx are brought by a user without rights, and run', {
  skip: aptOffers ? false : 'no apt that offers haproxy',
}, async () => {
  await using directory = await temporaryDirectory();
  const status = readFileSync('/var/lib/dpkg/status', 'utf8').split('\n\n');
  const others = status.filter((text) => !PACKAGES.includes(text.match(/^Package: (.*)$/m)?.[1] ?? ''));
  writeFileSync(directory.join('status'), others.join('\n\n'), { mode: 0o644 });
  const parts = directory.join('parts');
  mkdirSync(parts);
  const user = process.getuid?.() === 0 ? await findUser('nobody') : null;
  if (user !== null) chownSync(parts, user.uid, user.gid);

  // The rights are given up when all modules are there: that user need not be able to reach this file (a clone below /root).
  const script = `
    const { ensureTools } = await import(${JSON.stringify(new URL('tools.ts', import.meta.url).href)});
    const { silentLogger } = await import(${JSON.stringify(new URL('log.ts', import.meta.url).href)});
    const [parts, dpkgStatus, user] = process.argv.slice(1);
    if (user) {
      const { uid, gid } = JSON.parse(user);
      process.setgroups([]);
      process.setgid(gid);
      process.setuid(uid);
    }
    const options = { parts, uid: process.getuid(), path: '/usr/bin', log: silentLogger, useSystem: false, dpkgStatus };
    console.log(JSON.stringify(await ensureTools(options)));`;
  const argv = [process.execPath, '--input-type=module', '-e', script, parts, directory.join('status')];
  const { stdout } = await execOk([...argv, user === null ? '' : JSON.stringify(user)], { cwd: '/', timeoutMs: 180_000 });
  const tools = JSON.parse(stdout);
  assert.equal(tools.haproxy, `${parts}/usr/sbin/haproxy`);
  assert.equal(tools.nginx, `${parts}/usr/sbin/nginx`);
  assert.equal(statSync(tools.haproxy).uid, user?.uid ?? process.getuid?.());
  assert.ok(tools.installed.includes('haproxy') && tools.installed.includes('nginx'));
  assert.ok(tools.bytes > 1_000_000);
  const libraries = (await execOk(['ldd', tools.haproxy], { env: tools.env })).stdout;
  assert.match(libraries, new RegExp(`liblua5.* => ${parts}/`));
  assert.doesNotMatch(libraries, /not found/);
});
