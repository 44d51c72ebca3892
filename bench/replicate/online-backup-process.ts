/** Copies a database with SQLite's online backup again and again: `node online-backup-process.ts DATABASE COPY EVERY_MS`. */
import { renameSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const [database = '', copy = '', everyMs = '1000'] = process.argv.slice(2);
const source = new DatabaseSync(database, { readOnly: true, timeout: 5_000 });
for (let number = 1; ; number += 1) {
  const begun = performance.now();
  const { page_count: pages = 1 } = source.prepare('PRAGMA page_count').get() ?? {};
  // In one step: one of several begins anew whenever somebody writes in between, and under a steady writer never ends.
  await backup(source, `${copy}.tmp`, { rate: Math.max(1, Number(pages) * 2) });
  renameSync(`${copy}.tmp`, copy);
  process.stdout.write(`${number}\n`);
  await sleep(Math.max(0, Number(everyMs) - (performance.now() - begun)));
}
