import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';

/**
 * Log files that are written from the journal, and up to where: each line once, whenever the process that writes was
 * killed. The journal's cursor and the sizes of the files are kept together; what a file has beyond its kept size was
 * written after the kept cursor, so it is cut off and comes again.
 */
export const openLogFiles = (stateFile: string) => {
  /** What is on disk. Sizes beyond it are known here only, until the cursor that belongs to them is kept as well. */
  let kept = readState(stateFile);
  const sizes: Record<string, number> = { ...kept.sizes };
  const keep = (state: State): void => {
    kept = state;
    writeFileSync(`${stateFile}.new`, JSON.stringify({ version: 1, ...kept }), { mode: 0o600 });
    renameSync(`${stateFile}.new`, stateFile);
  };
  return {
    /** null before the first line. */
    cursor: (): string | null => kept.cursor,

    /** To be called before reading on from the cursor. */
    recover(): void {
      for (const [file, size] of Object.entries(kept.sizes)) {
        const actual = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        // Smaller: it was begun anew since, and so is all that it has.
        const wanted = actual < size ? 0 : size;
        if (actual !== wanted) cut(file, wanted);
        sizes[file] = wanted;
      }
      if (Object.entries(sizes).some(([file, size]) => kept.sizes[file] !== size)) keep({ ...kept, sizes: { ...sizes } });
    },
    append(file: string, text: Buffer): void {
      if (kept.sizes[file] === undefined) {
        const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
        keep({ ...kept, sizes: { ...kept.sizes, [file]: size } });
      }
      sizes[file] = write(file, text);
    },
    /** All up to this entry has been appended. */
    keep: (cursor: string): void => keep({ cursor, sizes: { ...sizes } }),

    /** Nothing more will come for it. */
    drop(file: string): void {
      if (kept.sizes[file] === undefined) return;
      delete sizes[file];
      const { [file]: _, ...others } = kept.sizes;
      keep({ ...kept, sizes: others });
    },
  };
};

type State = { readonly cursor: string | null; readonly sizes: Readonly<Record<string, number>> };

/** One that is missing or damaged begins with what is said from now on. */
const readState = (file: string): State => {
  try {
    const { version, cursor, sizes } = JSON.parse(readFileSync(file, 'utf8')) as State & { version: number };
    if (version === 1 && typeof sizes === 'object') return { cursor, sizes };
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && (cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
  return { cursor: null, sizes: {} };
};

/** Not through a link: the directory may belong to an app's user, and root must not write where that points. */
const write = (file: string, text: Buffer): number => {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW;
  const handle = openSync(file, flags, 0o640);
  try {
    for (let done = 0; done < text.length; ) done += writeSync(handle, text, done);
    return fstatSync(handle).size;
  } finally {
    closeSync(handle);
  }
};

const cut = (file: string, size: number): void => {
  try {
    truncateSync(file, size);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
  }
};
