/** A disk that fills up under people who type: nothing is acknowledged that is not stored, and nothing is lost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { startApp } from './testing/app-process.ts';
import { OriginalClient } from './testing/original-client.ts';

const isRoot = process.getuid?.() === 0;

test('on a full disk edits stay with their authors, and are taken when there is room again', {
  skip: isRoot ? false : 'mounting a small disk needs root',
}, async () => {
  await using disk = await temporaryDirectory('kolabpad-disk-');
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'kolabpad-test', disk.path]);
  try {
    await using app = await startApp({ env: { SQLITE_URI: path.join(disk.path, 'kolabpad.db') } });
    await using ann = new OriginalClient({ reconnectEveryMs: 200 });
    await ann.connect(app.socketUrl('full'));
    ann.insert(0, 'before ');
    await ann.waitFor(() => ann.isSettled, 'the first edit is acknowledged');
    fill(path.join(disk.path, 'filler'));
    ann.insert(7, `${'x'.repeat(200_000)} during`);
    await waitUntil(() => app.events('database_write_failed').length > 0, { what: 'the store to refuse' });
    assert.equal(ann.isSettled, false, 'nothing is acknowledged that is not stored');
    assert.equal((await fetch(`${app.url}/readyz`)).status, 503);
    assert.equal((await fetch(`${app.url}/healthz`)).status, 200);
    rmSync(path.join(disk.path, 'filler'));
    await ann.waitFor(() => ann.isSettled, 'the edit is acknowledged');
    assert.equal((await fetch(`${app.url}/readyz`)).status, 200);
    await app.restart('SIGKILL');
    assert.match(await (await fetch(`${app.url}/api/text/full`)).text(), /^before x{200000} during$/);
  } finally {
    execFileSync('umount', ['--lazy', disk.path]);
  }
});

/** Until nothing more fits, small pieces at the end. */
function fill(file: string): void {
  for (const pieceBytes of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(pieceBytes), { flag: 'a' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }
}
