import { appendFileSync } from 'node:fs';
import type { BerthError } from '@berth/core';

/** Tells the command that started the daemon how its start goes, one JSON document a line. */
export interface StartReport {
  progress(text: string): void;
  failed(error: BerthError): void;
}

export const createStartReport = (file: string | null): StartReport => {
  const write = (line: unknown) => {
    if (file === null) return;
    try {
      appendFileSync(file, `${JSON.stringify(line)}\n`);
    } catch (cause) {
      // Whoever waited has given up and taken the file away; the log has everything too.
      if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    }
  };
  return { progress: (text) => write({ progress: text }), failed: (error) => write({ error }) };
};
