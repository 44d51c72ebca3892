import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_BACKUP_POLICY } from './backup-policy.ts';
import { manifestOf, problemsOf, sayings } from './expectations.ts';
import type { BackupPolicy } from './model.ts';

const withBackup = (backup: string): string =>
  `app: pad\nservices: { web: { run: node web.ts, switch: handover } }\nstores: { db: { sqlite: pad.db } }\nbackup: ${backup}\n`;

const DAY_MS = 86_400_000;

test('an app that says nothing of backups has the default', () => {
  assert.deepEqual(manifestOf('app: pad\nservices: { web: node web.ts }\n').backup, DEFAULT_BACKUP_POLICY);
  assert.deepEqual(manifestOf(withBackup('{}')).backup, DEFAULT_BACKUP_POLICY);
});

const read: { backup: string; policy: Partial<BackupPolicy> }[] = [
  { backup: '{ keep: 1y }', policy: { keepMs: 365 * DAY_MS } },
  { backup: '{ keep: 10y }', policy: { keepMs: 3_650 * DAY_MS } },
  { backup: '{ files: 5m }', policy: { filesEveryMs: 300_000 } },
  { backup: '{ drill: daily }', policy: { drillEveryMs: DAY_MS } },
  { backup: '{ drill: monthly }', policy: { drillEveryMs: 30 * DAY_MS } },
  { backup: '{ drill: never }', policy: { drillEveryMs: null } },
  { backup: '{ drill: 12h }', policy: { drillEveryMs: 12 * 3_600_000 } },
  { backup: '{ check: "node check.ts" }', policy: { check: 'node check.ts' } },
];
for (const { backup, policy } of read) {
  test(`${backup} is read`, () =>
    assert.deepEqual(manifestOf(withBackup(backup)).backup, { ...DEFAULT_BACKUP_POLICY, ...policy }));
}

const RHYTHM = '`daily`, `weekly`, `monthly`, `never`, or a duration such as 12h';
const refused: { backup: string; says: string }[] = [
  { backup: 'daily', says: 'expected a mapping with `keep`, `files`, `drill` and `check`, not `daily`' },
  { backup: '{ keep: 30 }', says: 'expected a duration such as 30d or 1y, not `30` (write `30d`)' },
  { backup: '{ keep: 1h }', says: 'expected a duration such as 30d or 1y from 1d to 10y, not `1h`' },
  { backup: '{ keep: 11y }', says: 'expected a duration such as 30d or 1y from 1d to 10y, not `11y`' },
  { backup: '{ files: 10s }', says: 'expected a duration such as 1h or 30m from 5m to 7d, not `10s`' },
  { backup: '{ drill: wekly }', says: `expected ${RHYTHM}, not \`wekly\` (did you mean \`weekly\`?)` },
  { backup: '{ drill: 2 hours }', says: `expected ${RHYTHM}, not \`2 hours\` (write \`2h\`)` },
  { backup: '{ drill: 1m }', says: `expected ${RHYTHM} from 1h to 1y, not \`1m\`` },
  { backup: '{ drill: constructor }', says: `expected ${RHYTHM}, not \`constructor\`` },
  { backup: '{ check: "" }', says: 'expected a shell command, not ``' },
  { backup: '{ kep: 30d }', says: 'unknown key `kep` (did you mean `keep`?)' },
  {
    backup: '{ target: s3 }',
    says: '`target`: this version of Berth does not do targets of single apps yet (remove it for now)',
  },
];
for (const { backup, says } of refused) {
  test(`${backup} is refused`, () => assert.deepEqual(sayings(problemsOf(withBackup(backup))), [says]));
}

test('there is nothing to back up in an app without stores', () => {
  const says = 'there is nothing to back up: this app has no stores (name its data under `stores`, or remove `backup`)';
  assert.deepEqual(sayings(problemsOf('app: pad\nservices: { web: x }\nbackup: { keep: 90d }\n')), [says]);
});

test('a store with a mistake in it is a store to back up', () => {
  const text = 'app: pad\nservices: { web: x }\nstores: { db: {} }\nbackup: { keep: 90d }\n';
  assert.deepEqual(sayings(problemsOf(text)), ['what kind of store is this? (write { sqlite: db.db } or { files: db })']);
});
