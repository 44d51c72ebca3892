/** A command of Berth that is run on the server itself: it asks and prints there, and is seen here. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileNotReadable } from '../errors.ts';
import type { Terminal } from '../output/terminal.ts';
import { COMMAND } from './install/places.ts';
import type { Connection } from './ssh-connection.ts';

type Here = { readonly terminal: Terminal; readonly name: string };

/** `name`: of the server here, so that the command there says how others get to it. Resolves with its exit code. */
export const runOnMachine = async (
  connection: Connection,
  words: readonly string[],
  { terminal, name }: Here,
): Promise<number> => {
  await using file =
    words[0] === 'recover' ? await bringKit(connection, words) : { words, [Symbol.asyncDispose]: async () => undefined };
  return await connection.attach(['env', `BERTH_REACHED_AS=${name}`, COMMAND, ...file.words], {
    terminal: terminal.interactive && terminal.outIsTerminal,
  });
};

/** The kit lies here, and is read there: for as long as it takes, in memory, and for root alone. */
const bringKit = async (
  connection: Connection,
  words: readonly string[],
): Promise<AsyncDisposable & { words: readonly string[] }> => {
  const at = words.findIndex(
    (word, index) => index > 0 && !word.startsWith('-') && !OPTIONS_WITH_VALUE.has(words[index - 1] ?? ''),
  );
  const path = words[at];
  if (path === undefined) return { words, [Symbol.asyncDispose]: async () => undefined };
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw fileNotReadable(path, cause);
  });
  const there = `/run/berth-kit-${randomBytes(8).toString('hex')}`;
  await connection.runOk(['sh', '-c', 'umask 077; exec cat >"$1"', 'sh', there], { input: text });
  return {
    words: words.with(at, there),
    async [Symbol.asyncDispose]() {
      await connection.run(['rm', '-f', there]);
    },
  };
};

const OPTIONS_WITH_VALUE = new Set(['--at', '--http', '--https', '--passphrase-file']);
