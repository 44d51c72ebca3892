import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec, type Logger } from '@berth/host';
import { ENTRY_FIELDS, hasReached, parseEntry } from './journal-entry.ts';
import { openLogFiles } from './log-files.ts';

export type FollowerDeps = {
  /** Where it keeps how far it has come. */
  readonly stateFile: string;
  /** The log file of a unit; null when it is none of ours. */
  readonly logFileOf: (unit: string) => string | null;
  readonly log: Logger;
};

/** Brings what units say from the journal into their log files: every line once, in order. While nobody follows, journald keeps them. */
export interface JournalFollower {
  /** Resolves when all that the unit has said so far is in its file. */
  flush(unit: string): Promise<void>;
  drop(file: string): void;
  close(): Promise<void>;
}

export const followJournal = ({ stateFile, logFileOf, log }: FollowerDeps): JournalFollower => {
  const files = openLogFiles(stateFile);
  const since = ['--since', `@${(Date.now() / 1_000).toFixed(3)}`];
  const waiting = new Set<() => void>();
  let reached = files.cursor();
  let child: ChildProcess | null = null;
  let restart: NodeJS.Timeout | undefined;
  let save: NodeJS.Timeout | undefined;
  let isClosed = false;

  const begin = (): void => {
    files.recover();
    const cursor = files.cursor();
    reached = cursor;
    let isBroken = false;
    const started = spawn('setpriv', [...READER, ...(cursor === null ? since : [`--after-cursor=${cursor}`]), STDOUT], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    });
    child = started;
    let said = '';
    started.stderr.on('data', (data: Buffer) => {
      said = `${said}${data}`.slice(-500);
    });
    // Neither it nor what it says keeps a process alive that has nothing else to do.
    started.unref();
    unref(started.stdout);
    unref(started.stderr);
    let rest: Buffer = Buffer.alloc(0);
    started.stdout.on('data', (data: Buffer) => {
      const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
      const end = bytes.lastIndexOf(10) + 1;
      rest = bytes.subarray(end);
      if (end === 0 || isBroken) return;
      try {
        append(bytes.toString('utf8', 0, end));
      } catch (cause) {
        // A full disk, most likely: from the last kept cursor on it is tried again.
        isBroken = true;
        clearTimeout(save);
        save = undefined;
        log.warn('journal.follower.failed', { reason: (cause as Error).message });
        started.kill('SIGTERM');
      }
    });
    started.once('error', (cause) => failed(cause.message));
    started.once('close', () => failed(said.trim() || 'journalctl ended'));
    const failed = (reason: string): void => {
      if (child !== started) return;
      child = null;
      clearTimeout(save);
      save = undefined;
      if (isClosed) return;
      log.warn('journal.follower.ended', { reason });
      restart = setTimeout(begin, RESTART_AFTER_MS).unref();
    };
  };

  const append = (lines: string): void => {
    const entries = lines.split('\n').flatMap((line) => parseEntry(line) ?? []);
    const texts = new Map<string, Buffer[]>();
    for (const { unit, text } of entries) {
      const file = logFileOf(unit);
      if (file !== null) texts.set(file, [...(texts.get(file) ?? []), text]);
    }
    for (const [file, parts] of texts) files.append(file, Buffer.concat(parts));
    reached = entries.at(-1)?.cursor ?? reached;
    for (const wake of waiting) wake();
    save ??= setTimeout(keep, SAVE_AFTER_MS).unref();
  };
  const keep = (): void => {
    save = undefined;
    if (reached !== null) files.keep(reached);
  };

  begin();
  return {
    async flush(unit) {
      // What a program has said may still be on its way into the journal.
      await exec(['journalctl', '--sync']);
      const { stdout } = await exec([...NEWEST, `_SYSTEMD_UNIT=${unit}`, STDOUT]);
      const cursor = stdout.match(/"__CURSOR"\s*:\s*"([^"]+)"/)?.[1];
      if (cursor === undefined) return;
      const giveUpAt = performance.now() + FLUSH_WITHIN_MS;
      while ((reached === null || !hasReached(reached, cursor)) && !isClosed) {
        if (performance.now() > giveUpAt) return log.warn('journal.follower.late', { unit });
        let wake = (): void => undefined;
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        waiting.add(wake);
        await Promise.race([woken, sleep(LOOK_AGAIN_MS)]);
        waiting.delete(wake);
      }
    },
    drop: (file) => files.drop(file),
    async close() {
      isClosed = true;
      clearTimeout(restart);
      if (save !== undefined) {
        clearTimeout(save);
        keep();
      }
      const ending = child;
      if (ending === null) return;
      child = null;
      const ended = new Promise((resolve) => ending.once('close', resolve));
      ending.ref();
      ending.kill('SIGTERM');
      await ended;
    },
  };
};

/** What a program writes to its standard output and error, and nothing that it sends to the journal under another name. */
const STDOUT = '_TRANSPORT=stdout';
const OUTPUT = ['--no-pager', '--quiet', '--all', '--output=json'];
/**
 * The reader ends when we do, however that comes about. `--merge`: with --follow alone journalctl shows this boot only (what
 * was said just before a reboot would be lost), and in the mount namespace of a unit in a container it takes another for it.
 */
const READER = [
  ...['--pdeathsig', 'TERM', '--', 'journalctl', '--follow', '--merge', '--no-tail', ...OUTPUT],
  `--output-fields=${ENTRY_FIELDS}`,
];
const NEWEST = ['journalctl', '--lines=1', ...OUTPUT, '--output-fields=_SYSTEMD_UNIT'];

const RESTART_AFTER_MS = 1_000;
const SAVE_AFTER_MS = 100;
const FLUSH_WITHIN_MS = 5_000;
const LOOK_AGAIN_MS = 50;

const unref = (stream: object): void => {
  if ('unref' in stream && typeof stream.unref === 'function') stream.unref();
};
