import { setTimeout as pause } from 'node:timers/promises';
import { checkMarkName, putMark } from './mark.ts';
import { databaseUnfollowed, notSafeInTime, planInvalid } from './replication/errors.ts';
import type { Choice, Question, SafePoint } from './replication-messages.ts';
import type { Replicator } from './replicator.ts';
import type { Target } from './target.ts';

/** What the process of the replicators is asked, but for `stop`. */
export type Questions = {
  readonly replicators: readonly Replicator[];
  readonly targets: readonly { readonly name: string; readonly target: Target }[];
};

export const answerQuestion = async (
  { replicators, targets }: Questions,
  question: Exclude<Question, { kind: 'stop' }>,
): Promise<unknown> => {
  if (question.kind === 'status') return { pid: process.pid, databases: replicators.map((each) => each.status()) };
  const chosen = choose(replicators, question.ids);
  if (question.kind === 'point') return (await capture(chosen, question)).map(({ point }) => point);
  if (question.kind === 'mark') checkMarkName(question.name);
  if (question.kind === 'snapshot') for (const replicator of chosen) replicator.wantSnapshots();
  const points = await flush(chosen, question);
  if (question.kind === 'mark') {
    const mark = { name: question.name, at: Date.now() };
    await Promise.all(targets.flatMap(({ target }) => points.map((point) => putMark(target, point, mark))));
  }
  return points;
};

const choose = (replicators: readonly Replicator[], ids: readonly string[] | undefined): readonly Replicator[] =>
  ids === undefined
    ? replicators
    : [...new Set(ids)].map((id) => {
        const found = replicators.find((replicator) => replicator.id === id);
        if (found === undefined) throw planInvalid(`no database with the id ${id} is among those that are followed`);
        return found;
      });

type Captured = { readonly replicator: Replicator; readonly point: SafePoint };

/** Databases that do not exist are left out: nothing was committed there. */
const capture = async (replicators: readonly Replicator[], { timeoutMs }: Choice): Promise<readonly Captured[]> => {
  const captured = await Promise.all(
    replicators.map(async (replicator) => ({ replicator, point: await captureWithin(replicator, timeoutMs) })),
  );
  return captured.filter((each): each is Captured => each.point !== undefined);
};

/** One that is just being read for the first time is waited for; whoever gave up waiting does not stop it. */
const captureWithin = async (replicator: Replicator, timeoutMs: number): Promise<SafePoint | undefined> => {
  const { id, path } = replicator;
  const late = Promise.withResolvers<never>();
  const why = `it was still being read after ${timeoutMs} ms`;
  const timer = setTimeout(() => late.reject(databaseUnfollowed({ id, path, why })), timeoutMs);
  try {
    return await Promise.race([replicator.capture(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

const flush = async (replicators: readonly Replicator[], choice: Choice): Promise<readonly SafePoint[]> => {
  const until = performance.now() + choice.timeoutMs;
  const captured = await capture(replicators, choice);
  for (const { replicator, point } of captured) {
    while (!replicator.isSafe(point)) {
      if (performance.now() > until) throw notSafeInTime(choice.timeoutMs, undefined);
      await pause(5);
    }
  }
  return captured.map(({ point }) => point);
};
