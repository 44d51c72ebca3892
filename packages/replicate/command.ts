/** The command of this package: `node command.ts help`. For scripts and for the bad day; Berth itself uses the functions. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { asBerthError, parseDuration } from '@berth/core';
import { listDatabases } from './catalogue.ts';
import { commandMisused } from './errors.ts';
import { compact } from './compact.ts';
import { describeReplica } from './describe.ts';
import { createDirectoryTarget } from './directory-target.ts';
import { isDatabaseId } from './object-name.ts';
import { restore, type RestoreResult } from './restore.ts';
import type { RestoreTo } from './restore-point.ts';
import { applyRetention } from './retention.ts';
import { createSealer } from './seal.ts';
import { startReplication } from './start-replication.ts';
import { verifyReplica } from './verify.ts';

export const USAGE = `Continuous replication of SQLite databases in WAL mode.

  run      --database ID=FILE … --target DIR --state DIR   follows databases until it is told to end (SIGTERM)
  list     --target DIR [--database ID]                    what can be restored
  restore  --target DIR --database ID --into FILE          brings back the latest state, or that of --at or --txid
  verify   --target DIR --database ID                      restores into a scratch place, compares, removes the copy
  compact  --target DIR --database ID                      merges segments; with --keep deletes what no kept state needs

  --at TIME      2026-02-10T12:00:07Z, 2026-02-10 12:00:07 (local time), or "10m" for ten minutes ago
  --txid N       a transaction instead of a time
  --lineage ID   one of several histories, see list
  --key FILE     the data key, 32 bytes or 64 hexadecimal digits: the replica is encrypted
  --keep EACH,HOURLY,DAILY   how long each transaction, one state per hour and one per day are kept: 1d,7d,30d
  --scratch DIR  where verify and compact may write
  --no-check     restore without asking SQLite whether the copy is sound
  --json         one JSON value instead of lines
`;

export type CommandHost = {
  readonly write: (text: string) => void;
  readonly now: () => number;
  /** Ends `run` in good order, and everything else at once. */
  readonly signal: AbortSignal;
};

/** Runs one command and writes what it found. Gives the exit code: 0, 1 if it failed, 2 if it was not understood. */
export const runCommand = async (argv: readonly string[], host: CommandHost): Promise<number> => {
  try {
    const given = parse(argv);
    const command = COMMANDS[given.command];
    if (command === undefined) {
      host.write(USAGE);
      return ['help', ''].includes(given.command) ? 0 : 2;
    }
    const { value, lines } = await command(given, host);
    host.write(given.options.json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(''));
    return 0;
  } catch (thrown) {
    const error = asBerthError(thrown);
    host.write(`${error.code}: ${error.message}\n  ${error.hint}\n`);
    return error.code === 'COMMAND_MISUSED' ? 2 : 1;
  }
};

const OPTIONS = {
  target: { type: 'string' },
  state: { type: 'string' },
  database: { type: 'string', multiple: true },
  into: { type: 'string' },
  at: { type: 'string' },
  txid: { type: 'string' },
  lineage: { type: 'string' },
  key: { type: 'string' },
  keep: { type: 'string' },
  scratch: { type: 'string' },
  'no-check': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Given = { readonly command: string; readonly options: ReturnType<typeof parseOptions> };
type Outcome = { readonly value: unknown; readonly lines: readonly string[] };
type Command = (given: Given, host: CommandHost) => Promise<Outcome>;

const parseOptions = (args: string[]) => parseArgs({ args, options: OPTIONS, strict: true }).values;

const parse = ([command = '', ...args]: readonly string[]): Given => {
  try {
    return { command, options: parseOptions(args) };
  } catch (cause) {
    throw commandMisused(cause instanceof Error ? cause.message : String(cause));
  }
};

const run: Command = async ({ options }, { write, signal }) => {
  const databases = (options.database ?? []).map((text) => {
    const [id = '', path = ''] = text.split(/=(.*)/s);
    if (path === '') throw commandMisused(`--database ${text}: ID=FILE is wanted`);
    return { id, path };
  });
  const path = required(options.target, '--target');
  const target = { kind: 'directory', name: 'target', path, ...dataKeyOf(options.key) } as const;
  const plan = { databases, targets: [target], stateDirectory: required(options.state, '--state') };
  const onNotice = (notice: unknown): void => write(`${JSON.stringify(notice)}\n`);
  await using replication = await startReplication(plan, { onNotice });
  const ended = Promise.withResolvers<void>();
  if (signal.aborted) ended.resolve();
  else signal.addEventListener('abort', () => ended.resolve(), { once: true });
  await ended.promise;
  await replication.stop();
  return { value: { stopped: true }, lines: ['stopped'] };
};

const list: Command = async ({ options }, { signal }) => {
  const replica = replicaOf(options);
  const ids = options.database ?? (await listDatabases(replica.target, signal));
  const value = [];
  for (const database of ids) value.push({ database, lineages: await describeReplica({ ...replica, database, signal }) });
  const lines = value.flatMap(({ database, lineages }) => [
    database,
    ...lineages.flatMap(({ id, parent, ranges, snapshots, logs, merged, bytes }) => [
      `  lineage ${id}${parent ? `, continues ${parent.lineage} after transaction ${parent.txid}` : ''}`,
      ...ranges.map(
        ({ from, to, fromAt, toAt, states }) =>
          `    ${timeOf(fromAt)} to ${timeOf(toAt)}: ${states === null ? '' : `${states} of `}transactions ${from} to ${to}`,
      ),
      `    ${snapshots} snapshots, ${logs} logs, ${merged} merged, ${(bytes / 1e6).toFixed(1)} MB`,
    ]),
  ]);
  return { value, lines };
};

const restoreOne: Command = async ({ options }, { signal, now }) => {
  const into = required(options.into, '--into');
  const result = await restore({
    ...oneDatabase(options),
    into,
    to: wantedState(options, now()),
    check: options['no-check'] !== true,
    signal,
  });
  const { chosen, before, after } = result.plan;
  const beside = (what: string, point: { txid: number; at: number } | undefined): string[] =>
    point === undefined ? [] : [`  ${what} it: transaction ${point.txid} of ${timeOf(point.at)}`];
  return {
    value: { ...result, into },
    lines: [
      `${into} is transaction ${result.txid} of ${timeOf(result.at)}, lineage ${result.lineage}`,
      ...(chosen ? [...beside('before', before), ...beside('after', after)] : []),
      `  ${result.pages} pages, checksum ${result.checksum}, ${(result.ms / 1000).toFixed(1)} s`,
      ...flawsOf(result),
    ],
  };
};

const verify: Command = async ({ options }, { signal, now }) => {
  const to = wantedState(options, now());
  const result = await verifyReplica({ ...oneDatabase(options), ...scratchOf(options), to, signal });
  const seconds = (result.ms / 1000).toFixed(1);
  const line = `transaction ${result.txid} of ${timeOf(result.at)} was restored and is sound: ${result.bytes} bytes in ${seconds} s`;
  return { value: result, lines: [line, ...flawsOf(result)] };
};

/** The state is right all the same; but the target is not, and somebody should know. */
const flawsOf = ({ damaged, forked }: RestoreResult): string[] => [
  ...damaged.map((name) => `  damaged, and passed by: ${name}`),
  ...forked.map((name) => `  of another machine that wrote this lineage, and not in this state: ${name}`),
];

const compactOne: Command = async ({ options }, { signal, now }) => {
  const replica = { ...oneDatabase(options), now: now(), signal };
  const policy = options.keep === undefined ? undefined : parsePolicy(options.keep);
  const merged = await compact({ ...replica, ...scratchOf(options) });
  const lines = [`${merged.merged.length} merged segments made`];
  if (policy === undefined) return { value: merged, lines };
  const retained = await applyRetention({ ...replica, policy });
  lines.push(`${retained.deleted} objects deleted, ${(retained.bytesFreed / 1e6).toFixed(1)} MB; ${retained.kept} kept`);
  return { value: { ...merged, ...retained }, lines };
};

const COMMANDS: Readonly<Record<string, Command>> = { run, list, restore: restoreOne, verify, compact: compactOne };

const required = (value: string | undefined, option: string): string => {
  if (value === undefined) throw commandMisused(`${option} is missing`);
  return value;
};

const dataKeyOf = (file: string | undefined): { dataKey?: Uint8Array } => {
  if (file === undefined) return {};
  const bytes = readFileSync(file);
  const text = bytes.toString('latin1').trim();
  return { dataKey: /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : bytes };
};

const replicaOf = (options: Given['options']) => {
  const target = createDirectoryTarget(required(options.target, '--target'));
  const { dataKey } = dataKeyOf(options.key);
  return { target, ...(dataKey && { sealer: createSealer({ dataKey }) }) };
};

const oneDatabase = (options: Given['options']) => {
  const [database, ...others] = options.database ?? [];
  if (database === undefined || others.length > 0) throw commandMisused('one --database is wanted');
  if (!isDatabaseId(database)) throw commandMisused(`"${database}" cannot be the id of a database`);
  return { ...replicaOf(options), database, ...(options.lineage !== undefined && { lineage: options.lineage }) };
};

const scratchOf = ({ scratch }: Given['options']): { scratchDirectory?: string } =>
  scratch === undefined ? {} : { scratchDirectory: scratch };

const wantedState = ({ at, txid }: Given['options'], now: number): RestoreTo => {
  if (at !== undefined && txid !== undefined) throw commandMisused('--at and --txid exclude each other');
  if (txid !== undefined) {
    if (!/^\d{1,15}$/.test(txid)) throw commandMisused(`--txid ${txid} is no number`);
    return { txid: Number(txid) };
  }
  if (at === undefined) return 'latest';
  const ago = parseDuration(at);
  const time = new Date(ago === null ? at : now - ago);
  if (Number.isNaN(time.getTime())) throw commandMisused(`--at ${at} is no time`);
  return { at: time };
};

const parsePolicy = (text: string) => {
  const [each, hourly, daily, ...rest] = text.split(',').map((part) => parseDuration(part.trim()));
  if (typeof each !== 'number' || typeof hourly !== 'number' || typeof daily !== 'number' || rest.length > 0)
    throw commandMisused(`--keep ${text}: three durations are wanted, as 1d,7d,30d`);
  return { everySecondForMs: each, hourlyForMs: hourly, dailyForMs: daily };
};

const timeOf = (at: number): string => new Date(at).toISOString();

if (import.meta.main) {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort());
  process.exitCode = await runCommand(process.argv.slice(2), {
    write: (text) => process.stdout.write(text),
    now: Date.now,
    signal: controller.signal,
  });
}
