/** `berth kit`: the recovery kit to a file or to standard output, and what to do with it. */
import { lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { KitOptions } from './commands/kit.ts';
import { fileExists, fileNotReadable, fileNotWritable, needsPassphrase, usage } from './errors.ts';
import { askHidden } from './output/prompt.ts';
import type { Session } from './session.ts';

export const writeKit = async (session: Session, options: KitOptions): Promise<void> => {
  const { terminal, json } = session;
  const out = options.out === undefined ? null : resolve(options.out);
  refuseUnclear(session, options);
  if (out !== null && options.force !== true && (await isThere(out))) throw fileExists(out);
  const passphrase = await readPassphrase(session, options);

  const answer = await (await session.connect()).call('kit', {});
  const text = passphrase === null ? answer.kit : await lock(answer.kit, passphrase);
  if (out !== null) await writePrivately(out, text, options.force === true);

  const about = { targets: answer.targets, locked: passphrase !== null };
  if (json) terminal.printJson(out === null ? { kit: text, ...about } : { file: out, ...about });
  else if (out === null) terminal.out.write(text.endsWith('\n') ? text : `${text}\n`);
  if (!json) terminal.note(...explain(session, { out, ...about }));
};

const refuseUnclear = ({ terminal, json }: Session, { out, passphrase, passphraseFile, print, force }: KitOptions): void => {
  if (passphrase && passphraseFile !== undefined)
    throw usage('one passphrase is enough', 'give --passphrase or --passphrase-file');
  if (out !== undefined && print) throw usage('--print and --out are two places', 'leave one of them out');
  if (out === undefined && force) throw usage('--force replaces a file, and none is named', 'add --out FILE');
  // A terminal keeps what it showed, and others may look at it.
  if (out === undefined && !print && !json && terminal.outIsTerminal) {
    throw usage(
      'the kit opens every backup, and would be shown on this terminal',
      'write it to a file with --out FILE, or add --print',
    );
  }
};

const readPassphrase = async ({ terminal }: Session, { passphrase, passphraseFile }: KitOptions): Promise<string | null> => {
  if (passphraseFile !== undefined) {
    const text = await readFile(passphraseFile, 'utf8').catch((cause) => {
      throw fileNotReadable(passphraseFile, cause);
    });
    return checked(text.replace(/\r?\n$/, ''));
  }
  if (!passphrase) return null;
  if (!terminal.interactive) throw needsPassphrase();
  const first = checked(await askHidden(terminal, 'Passphrase of the kit (not shown): '));
  if ((await askHidden(terminal, 'Once more: ')) !== first)
    throw usage('the two were not the same', 'nothing was written: run it again');
  return first;
};

/** Somebody who finds the kit can try as many as he likes. */
const SHORTEST_PASSPHRASE = 12;

const checked = (passphrase: string): string => {
  if ([...passphrase].length < SHORTEST_PASSPHRASE)
    throw usage(`a passphrase of fewer than ${SHORTEST_PASSPHRASE} characters is guessed`, 'take four or more random words');
  if (passphrase.includes('\n')) throw usage('a passphrase is one line', 'the file holds more than one');
  return passphrase;
};

const lock = async (text: string, passphrase: string): Promise<string> => {
  const { lockKit } = await import('@berth/vault');
  return lockKit(text, passphrase);
};

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/** Never readable by others for a moment, and what is replaced stays until all is written. */
const writePrivately = async (path: string, text: string, replace: boolean): Promise<void> => {
  // Without --force the name itself is taken, so that of two at once one is told.
  const first = replace ? join(dirname(path), `.${basename(path)}.${process.pid}`) : path;
  const refuse = (cause: NodeJS.ErrnoException): never => {
    throw cause.code === 'EEXIST' ? fileExists(first) : fileNotWritable(path, cause);
  };
  const file = await open(first, 'wx', 0o600).catch(refuse);
  try {
    await file.writeFile(text);
    await file.sync();
    if (replace) await rename(first, path);
  } catch (cause) {
    await rm(first, { force: true });
    refuse(cause as NodeJS.ErrnoException);
  } finally {
    await file.close();
  }
};

type About = { readonly out: string | null; readonly targets: readonly string[]; readonly locked: boolean };

const explain = ({ terminal: { style } }: Session, { out, targets, locked }: About): string[] => {
  return [
    ...(out === null ? [] : [`${style.green('✓')} the recovery kit is in ${style.bold(out)}, readable by you alone`]),
    `  it holds the key that opens every backup, and the addresses and access keys of ${targets.join(', ')}`,
    locked
      ? '  whoever has it and the passphrase can read all data: keep the two apart, and neither on this machine'
      : '  whoever has it can read all data: keep it in a password manager, on paper or on a stick, and not on this machine',
    '  without it nobody can read the backups; write a new one when targets or their access keys change',
  ];
};
