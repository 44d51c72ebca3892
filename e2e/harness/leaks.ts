/** Looks for values that should be nowhere, in the forms in which values travel. */
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

export type Secrets = ReadonlyMap<string, string>;

/** As it is, percent-encoded, as hexadecimal digits, and within longer texts in base64, wherever it begins in them. */
export const formsOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value);
  const inBase64 = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The digits that also hold bits of what stands before or behind are not known.
    const whole = text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
    return [whole, whole.replaceAll('+', '-').replaceAll('/', '_')];
  });
  return [...new Set([value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1), bytes.toString('hex'), ...inBase64])];
};

/** "place: name of the secret", for each that is there. */
export const leaksIn = (place: string, content: string | Buffer, secrets: Secrets): string[] => {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const found = [...secrets].filter(([, value]) => formsOf(value).some((form) => bytes.includes(form)));
  return found.map(([name]) => `${place}: ${name}`);
};

/** In every file below; `mayHold` names those in which a value has to be. */
export const leaksInFiles = (
  directory: string,
  secrets: Secrets,
  mayHold: (path: string) => boolean = () => false,
): { readonly leaks: readonly string[]; readonly files: number } => {
  const leaks: string[] = [];
  let files = 0;
  const look = (path: string): void => {
    const status = lstatSync(path, { throwIfNoEntry: false });
    if (status?.isDirectory()) for (const name of namesIn(path)) look(join(path, name));
    if (!status?.isFile() || mayHold(path)) return;
    files += 1;
    leaks.push(...leaksIn(path, readIfThere(path), secrets));
  };
  look(directory);
  return { leaks, files };
};

/** In what every process of the machine was started with, but for those that `mayKnow`, by their environment. */
export const leaksInProcesses = (secrets: Secrets, mayKnow: (environment: readonly string[]) => boolean): readonly string[] =>
  namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const environment = readIfThere(`/proc/${pid}/environ`);
      const words = readIfThere(`/proc/${pid}/cmdline`);
      const known = mayKnow(environment.toString('latin1').split('\0'));
      const who = `${pid} (${programOf(pid)})`;
      return [
        ...leaksIn(`command line of ${pid}`, words, secrets),
        ...(known ? [] : leaksIn(`environment of ${who}`, environment, secrets)),
      ];
    });

/** What goes while it is looked at holds nothing any more; kernel threads have no environment. */
const readIfThere = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
};

/** Its name alone: what it was called with may hold what is looked for. */
const programOf = (pid: string): string => {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`));
  } catch {
    return 'gone';
  }
};

const namesIn = (path: string): readonly string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};
