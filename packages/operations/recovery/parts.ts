import { execOk } from '@berth/host';
import type { RecoveryDeps } from './deps.ts';
import type { RecoveredPart, RecoveryProgress } from './record.ts';

export type PartResult = Omit<RecoveredPart, 'ms'>;

/**
 * Does one part, unless a former attempt has done it. What it wrote is on the disk before it counts as done: killed at any
 * moment, it is either remembered or done again.
 */
export async function onePart(
  deps: Pick<RecoveryDeps, 'fault' | 'report' | 'layout'>,
  progress: RecoveryProgress,
  step: string,
  work: () => Promise<PartResult>,
): Promise<RecoveredPart> {
  const known = progress.record.parts[step];
  if (known !== undefined && progress.isDone(step)) return known;
  deps.fault(`recover.${step}.before`);
  const startedAt = performance.now();
  const result = await work();
  if (result.outcome === 'recovered') await execOk(['sync', '--file-system', deps.layout.home]);
  const part: RecoveredPart = { ...result, ms: Math.round(performance.now() - startedAt) };
  deps.fault(`recover.${step}.ran`);
  await progress.done(step, part);
  deps.report({ event: 'part.done', part: labelOf(part), result: part });
  deps.fault(`recover.${step}.after`);
  return part;
}

/** What people call it. */
export const labelOf = ({ what, app, name }: Pick<RecoveredPart, 'what' | 'app' | 'name'>): string =>
  app === null ? name : what === 'build' ? `${app} build ${name}` : `${app}/${name}`;

/** At most `width` at the same time. All are waited for, also when one fails: nothing of them goes on behind the caller's back. */
export async function inParallel<T>(width: number, items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const queue = [...items];
  const failures: unknown[] = [];
  const workers = Array.from({ length: width }, async () => {
    for (let item = queue.shift(); item !== undefined && failures.length === 0; item = queue.shift())
      await work(item).catch((cause: unknown) => failures.push(cause));
  });
  await Promise.all(workers);
  if (failures.length > 0) throw failures[0];
}

/** One after the other, whatever becomes of the one before. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export function takingTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.catch(() => undefined).then(work);
    last = mine;
    return mine;
  };
}
