import type { RestoreStep } from './restore-plan.ts';
import { openSegment, type SegmentReader } from './segment-reader.ts';
import type { Target } from './target.ts';

/** `opening` fails where the object cannot be read; whoever takes it closes the segment. */
export type OpenedStep = { readonly step: RestoreStep; readonly opening: Promise<SegmentReader> };

type Source = { readonly target: Target; readonly steps: readonly RestoreStep[]; readonly signal: AbortSignal | undefined };

/**
 * The objects of a plan in their order. Of small ones some are opened ahead of their turn: the way to a target takes longer than
 * to apply a log. None waits behind a large one, whose reading may take longer than a server keeps a line open.
 */
export async function* openInOrder({ target, steps, signal }: Source): AsyncGenerator<OpenedStep, void> {
  const options = signal ? { signal } : {};
  const open = async (name: string): Promise<SegmentReader> => openSegment(await target.get(name, options), name);
  const opened: OpenedStep[] = [];
  let next = 0;
  let bytes = 0;
  try {
    for (;;) {
      for (const step of steps.slice(next, next + OBJECTS_AHEAD - opened.length)) {
        if (opened.length > 0 && bytes + step.holding.bytes > BYTES_AHEAD) break;
        const opening = open(step.holding.name);
        // Its failure is met when its turn comes; until then it must not count as unhandled.
        opening.catch(() => undefined);
        opened.push({ step, opening });
        bytes += step.holding.bytes;
        next += 1;
      }
      const first = opened.shift();
      if (first === undefined) return;
      bytes -= first.step.holding.bytes;
      yield first;
    }
  } finally {
    await Promise.all(opened.map(({ opening }) => close(opening)));
  }
}

/** Each holds a line to the target, and what came first over it: half a megabyte at most. */
const OBJECTS_AHEAD = 8;
const BYTES_AHEAD = 8 * 1024 * 1024;

const close = async (opening: Promise<SegmentReader>): Promise<void> => {
  const segment = await opening.catch(() => undefined);
  await segment?.[Symbol.asyncDispose]();
};
