/** Faults of what an app keeps, made for real. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, chmodSync, copyFileSync, existsSync, openSync, closeSync, rmSync, statSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { execOk } from '@berth/host';
import { berth } from '../../../e2e/harness/command.ts';
import { Patient, says } from '../testing/patient.ts';

let patient: Patient;
before(async () => {
  patient = await Patient.open();
});
after(() => patient[Symbol.asyncDispose]());

const isRoot = process.getuid?.() === 0;

test('store-not-writable: somebody worked in the store as another user', async () => {
  await patient.cured('store-not-writable');
  const { uid } = statSync(patient.database);
  if (isRoot) chownSync(patient.database, 0, 0);
  else chmodSync(patient.database, 0o400);
  says(await patient.finding('store-not-writable'), patient.database, isRoot ? 'belongs to user 0' : 'mode 400');
  const fixed = await berth(patient.home, ['doctor', 'patient', '--fix', '--json']);
  says({ ...(await fixedFinding(fixed.stdout)) }, 'below');
  await patient.cured('store-not-writable');
  if (statSync(patient.database).uid !== uid) throw new Error('the owner is not as it was');
});

test('store-not-writable: the store is mounted read-only', { skip: isRoot ? false : 'only root may mount' }, async () => {
  const directory = `${patient.home}/apps/patient/stores/pictures`;
  await execOk(['mount', '--bind', directory, directory]);
  try {
    await execOk(['mount', '-o', 'remount,ro,bind', directory]);
    says(await patient.finding('store-not-writable'), 'EROFS', directory);
  } finally {
    await execOk(['umount', directory]);
  }
  await patient.cured('store-not-writable');
});

test('second-process, database-locked: another program has the database, and a transaction open in it', async () => {
  const script = `
    const { DatabaseSync } = require('node:sqlite');
    const database = new DatabaseSync(process.argv[1]);
    database.exec('SELECT count(*) FROM note');
    console.log('open');
    process.stdin.once('data', () => { database.exec('BEGIN IMMEDIATE'); console.log('locked'); });
    setInterval(() => {}, 1000);
  `;
  const stranger = spawn(process.execPath, ['-e', script, patient.database], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await once(stranger.stdout, 'data');
    says(await patient.finding('second-process'), `process ${stranger.pid}`, patient.database);
    await patient.cured('database-locked');
    stranger.stdin.write('now\n');
    await once(stranger.stdout, 'data');
    says(await patient.finding('database-locked'), `process ${stranger.pid}`, 'another program', `kill ${stranger.pid}`);
  } finally {
    stranger.kill('SIGKILL');
  }
  await patient.cured('second-process');
  await patient.cured('database-locked');
});

test('database-locked: the app itself keeps a transaction open', async () => {
  await patient.order('lock');
  says(await patient.finding('database-locked'), 'a transaction of the app', 'berth restart patient');
  await patient.order('unlock');
  await patient.cured('database-locked');
});

test('log-huge: a read that never ends keeps the log from being written back', async () => {
  const bounds = { walBytes: 8_000_000 };
  await patient.cured('log-huge', { bounds });
  await patient.order('fill', { rows: 120 });
  says(await patient.finding('log-huge', { bounds }), '-wal are not in the database yet', 'it is being read by');
  await patient.order('empty');
  await patient.cured('log-huge', { bounds });
});

test('journal-mode: an app whose database is not in WAL mode', async () => {
  await patient.cured('journal-mode');
  const change = (text: string): string =>
    text.replace('exec node', 'JOURNAL_MODE=DELETE exec node').replace('patient.db', 'old.db');
  await patient.deploy({ manifest: change });
  const finding = await patient.finding('journal-mode');
  says(finding, 'old.db', 'WAL');
  await patient.platform.finished(await patient.platform.client.call('stop', { params: { app: 'patient' } }));
  using database = open(patient.database.replace('patient.db', 'old.db'));
  database.handle.exec('PRAGMA journal_mode = WAL');
  await patient.cured('journal-mode');
  await patient.deploy();
});

test('stale-log, store-damaged: files that were exchanged while the app was stopped', async () => {
  await patient.platform.finished(await patient.platform.client.call('stop', { params: { app: 'patient' } }));
  const sound = `${patient.home}/sound.db`;
  {
    using database = open(patient.database);
    database.handle.prepare('VACUUM INTO ?').run(sound);
  }
  // The log of a program that was killed, and then a copy of the database from before in its place.
  const writer = spawn(process.execPath, ['-e', LEAVE_LOG, patient.database], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(writer.stdout, 'data');
  writer.kill('SIGKILL');
  await once(writer, 'exit');
  await patient.cured('stale-log');
  rmSync(patient.database);
  copyFileSync(sound, patient.database);
  says(await patient.finding('stale-log'), `${patient.database}-wal is older`);
  for (const name of [`${patient.database}-wal`, `${patient.database}-shm`]) if (existsSync(name)) rmSync(name);
  await patient.cured('stale-log');

  await patient.cured('store-damaged');
  const bytes = Buffer.alloc(4_096, 0xa5);
  const handle = openSync(patient.database, 'r+');
  writeSync(handle, bytes, 0, bytes.length, 4_096);
  closeSync(handle);
  says(await patient.finding('store-damaged'), patient.database);
  const header = openSync(patient.database, 'r+');
  writeSync(header, bytes, 0, 100, 0);
  closeSync(header);
  says(await patient.finding('store-damaged'), 'does not begin as an SQLite database');
  copyFileSync(sound, patient.database);
  await patient.cured('store-damaged');
});

const LEAVE_LOG = `
  const { DatabaseSync } = require('node:sqlite');
  const database = new DatabaseSync(process.argv[1]);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; INSERT INTO note VALUES ('left in the log')");
  console.log('written');
  setInterval(() => {}, 1000);
`;

const open = (file: string): Disposable & { readonly handle: DatabaseSync } => {
  const handle = new DatabaseSync(file);
  return { handle, [Symbol.dispose]: () => handle.close() };
};

/** What --fix said that it has done, in the form of a finding's words. */
const fixedFinding = async (stdout: string) => {
  const { repaired } = JSON.parse(stdout) as { repaired: string[] };
  return { rule: '', severity: 'warning' as const, app: null, symptom: '', evidence: repaired, cause: '', fix: '', repair: null };
};
