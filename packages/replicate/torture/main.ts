/**
 * Tortures the replicator: `node packages/replicate/torture/main.ts [--rounds 20] [--seed 1] [--work-ms 6000] [--go-on]`.
 * Prints a line per round; a round that fails leaves its directory, and the same seed plans the same round again. Ends with 1
 * after the first failure, or with --go-on after all rounds. `--windows every|some|none` chooses among the fault windows,
 * `--faults SPEC` opens just these, `--scene` is one of quiet, restarts, turned back, rivals. `--keep` leaves the directories of
 * good rounds too, in `--scratch`. `--writers-node PATH` (24.0 or newer) and `--better-sqlite3 DIRECTORY`, that of the package,
 * let an SQLite of theirs write.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SCENES } from './round-plan.ts';
import { torture } from './torture.ts';
import { FAULT_WINDOWS } from './window-list.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1_000_000)) },
    'work-ms': { type: 'string', default: '6000' },
    windows: { type: 'string', default: 'some' },
    faults: { type: 'string' },
    scene: { type: 'string' },
    scratch: { type: 'string' },
    'go-on': { type: 'boolean', default: false },
    'writers-node': { type: 'string' },
    'better-sqlite3': { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});

const scene = SCENES.find((name) => name === values.scene);
if (values.scene !== undefined && scene === undefined) throw new Error(`--scene is one of ${SCENES.join(', ')}`);

const [node, betterSqlite3] = [values['writers-node'], values['better-sqlite3']].map((path) => path && resolve(path));

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

if (values.scratch !== undefined) mkdirSync(values.scratch, { recursive: true });
const scratch = values.scratch ?? mkdtempSync(join(tmpdir(), 'replicate-torture-'));
const failures = await torture({
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  workMs: Number(values['work-ms']),
  windows: values.faults?.split(',') ?? (values.windows === 'none' ? [] : FAULT_WINDOWS),
  allWindows: values.faults !== undefined || values.windows === 'every',
  ...(scene && { scene }),
  writersSqlite: { node, betterSqlite3 },
  goOn: values['go-on'],
  keep: values.keep,
  scratch,
  signal: stop.signal,
  say: (line) => process.stdout.write(`${line}\n`),
});
if (failures === 0 && !values.keep) rmSync(scratch, { recursive: true, force: true });
process.exitCode = failures === 0 ? 0 : 1;
