import { closeSync, openSync, readSync } from 'node:fs';
import type { StepContext } from '../engine.ts';
import type { StepDeps } from './deps.ts';

const EVERY_MS = 200;
const CHUNK_BYTES = 32_768;

/** Tells whoever watches the operation what its command prints, as it does. */
export function followOutput({ bus }: StepDeps, context: StepContext, file: string): Disposable {
  let position = 0;
  let rest = '';
  const tell = () => {
    for (;;) {
      const chunk = readFrom(file, position);
      if (chunk.length === 0) return;
      position += chunk.length;
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) bus.mention({ name: 'operation.output', app: context.app, operation: context.id, fields: { lines } });
    }
  };
  const timer = setInterval(tell, EVERY_MS);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      tell();
    },
  };
}

function readFrom(file: string, position: number): Buffer {
  const buffer = Buffer.alloc(CHUNK_BYTES);
  try {
    const handle = openSync(file, 'r');
    try {
      return buffer.subarray(0, readSync(handle, buffer, 0, CHUNK_BYTES, position));
    } finally {
      closeSync(handle);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return buffer.subarray(0, 0);
    throw cause;
  }
}
