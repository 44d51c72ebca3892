import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '@berth/protocol';
import { patternInvalid } from '../errors.ts';
import type { LogQuery } from '../platform.ts';
import { isAtLeast, parseLine } from './line.ts';
import { readTimes } from './time-index.ts';

const DEFAULT_TAIL = 200;
const FOLLOW_MS = 250;
const LINE_MAX_CHARACTERS = 65_536;

type Timed = LogLine & { readonly atMs: number };
type Followed = { readonly file: string; readonly instance: string; position: number; rest: string };

/** An app's log lines, oldest first over all its instances, and with `follow` those still to come. */
export async function* readLogs(app: string, directory: string, query: LogQuery, signal: AbortSignal): AsyncGenerator<LogLine> {
  const isAsked = createFilter(query);
  const files = await findFiles(directory, query);
  const ends = new Map<string, Followed>();
  const past: Timed[] = [];
  const tail = query.tail ?? (query.since || query.grep ? undefined : DEFAULT_TAIL);
  for (const { file, instance } of files) {
    const { lines, position } = await readFile(app, instance, file, isAsked, tail);
    past.push(...lines);
    if (!file.endsWith('.1')) ends.set(file, { file, instance, position, rest: '' });
  }
  past.sort((a, b) => a.atMs - b.atMs);
  for (const { atMs, ...line } of tail === undefined ? past : past.slice(-tail)) yield line;
  while (query.follow && !signal.aborted) {
    for (const { file, instance } of await findFiles(directory, query)) {
      if (!file.endsWith('.1') && !ends.has(file)) ends.set(file, { file, instance, position: 0, rest: '' });
    }
    for (const followed of ends.values()) {
      for (const text of await readNew(followed)) {
        const line = toLine(app, followed.instance, text, Date.now());
        if (isAsked(line)) {
          const { atMs, ...shown } = line;
          yield shown;
        }
      }
    }
    await sleep(FOLLOW_MS, undefined, { signal }).catch(() => undefined);
  }
}

function createFilter({ since, grep, level }: LogQuery): (line: Timed) => boolean {
  const sinceMs = since === undefined ? 0 : Date.parse(since);
  const pattern = grep === undefined ? null : compile(grep);
  return (line) => line.atMs >= sinceMs && (!level || isAtLeast(line.level, level)) && (!pattern || pattern.test(line.text));
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw patternInvalid(pattern, (cause as Error).message);
  }
}

/** `<instance>.log`, and `.log.1` with what was written before it. Builds and release commands belong to a service of that name. */
async function findFiles(directory: string, { instance, service }: LogQuery): Promise<{ file: string; instance: string }[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names
    .filter((name) => /\.log(\.1)?$/.test(name))
    .toSorted()
    .toReversed()
    .map((name) => ({ file: join(directory, name), instance: name.replace(/\.log(\.1)?$/, '') }))
    .filter((it) => instance === undefined || it.instance === instance)
    .filter((it) =>
      service === undefined ? instance !== undefined || !it.instance.startsWith('op') : serviceOf(it.instance) === service,
    );
}

const serviceOf = (instance: string) => instance.split('.')[1] ?? instance;

async function readFile(
  app: string,
  instance: string,
  file: string,
  isAsked: (line: Timed) => boolean,
  tail: number | undefined,
) {
  const timeAt = await readTimes(file);
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const lines: Timed[] = [];
  let position = 0;
  if (size === 0) return { lines, position };
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(file, { end: size - 1 }) as AsyncIterable<Buffer>) {
    let bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      const line = toLine(app, instance, bytes.toString('utf8', 0, end), timeAt(position));
      if (isAsked(line)) lines.push(line);
      position += end + 1;
      bytes = bytes.subarray(end + 1);
    }
    rest = bytes;
    // Of a long file only the end is asked for: what came before need not be kept.
    if (tail !== undefined && lines.length > tail * 2) lines.splice(0, lines.length - tail);
  }
  return { lines, position };
}

async function readNew(followed: Followed): Promise<string[]> {
  const { size } = await stat(followed.file).catch(() => ({ size: 0 }));
  if (size < followed.position) followed.position = 0;
  if (size === followed.position) return [];
  const chunks: Buffer[] = [];
  for await (const chunk of createReadStream(followed.file, { start: followed.position, end: size - 1 }))
    chunks.push(chunk as Buffer);
  followed.position = size;
  const lines = (followed.rest + Buffer.concat(chunks).toString('utf8')).split('\n');
  followed.rest = lines.pop() ?? '';
  return lines;
}

function toLine(app: string, instance: string, text: string, writtenMs: number): Timed {
  const { atMs, level } = parseLine(text);
  const at = atMs ?? writtenMs;
  return {
    at: new Date(at).toISOString(),
    atMs: at,
    app,
    service: serviceOf(instance),
    instance,
    level,
    text: text.slice(0, LINE_MAX_CHARACTERS),
  };
}
