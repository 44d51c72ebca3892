/** `berth restore`: which moment, which stores, a question, and then the operation. */
import { resolve } from 'node:path';
import { didYouMean, parseMoment, type Reader } from '@berth/core';
import type { AppStatus, Client, Receipt, RestorePoint, TimeLine } from '@berth/protocol';
import { momentInvalid, needsConfirmation, pointUnknown, storesMissing, storeUnknown, usage } from './errors.ts';
import { completeOperation, exitCodeOfOutcome, printOutcome } from './outcome.ts';
import { confirmName } from './output/prompt.ts';
import { type RestorePlan, renderRestorePlan } from './output/restore-plan.ts';
import { localReader } from './local-reader.ts';
import type { Session } from './session.ts';

export type RestoreWish = {
  readonly app: string;
  readonly at?: string;
  readonly to?: string;
  readonly stores?: readonly string[];
  readonly into?: string;
  readonly target?: string;
  readonly yes: boolean;
};

export const restoreApp = async (session: Session, client: Client, wish: RestoreWish): Promise<number> => {
  const { terminal, json } = session;
  const reader = localReader();
  // Before anything is asked of the platform: a moment that cannot be read is the likeliest mistake.
  const when = readWhen(wish, reader);
  const params = { app: wish.app };
  const [status, timeLine] = await Promise.all([client.call('app', { params }), client.call('timeLine', { params })]);
  const plan = planRestore(wish, { when, status, timeLine, here: session.server === null });

  const isQuestion = plan.into === null && !wish.yes;
  // Also before it is refused for want of somebody to ask: it says what the same with --yes would do.
  if (isQuestion || !json) terminal.note(...renderRestorePlan(plan, reader, terminal), '');
  if (isQuestion && !terminal.interactive) {
    throw needsConfirmation(wish.app, { what: `taking ${wish.app} back`, command: 'add --yes (or --into DIR, for a copy)' });
  }
  if (isQuestion)
    await confirmName(terminal, { question: `Take ${wish.app} back?`, name: wish.app, otherwise: 'nothing was changed' });

  const body = {
    // The moment that was shown, so that a question answered late means no other.
    ...(wish.to === undefined ? { at: plan.at.toISOString() } : { to: wish.to }),
    ...(wish.stores !== undefined && { stores: [...wish.stores] }),
    ...(plan.into !== null && { into: plan.into }),
    ...(wish.target !== undefined && { target: wish.target }),
  };
  const { receipt, state } = await completeOperation(session, client, await client.call('restore', { params, body }));
  if (json) terminal.printJson(receipt);
  else await printOutcome(terminal, client, receipt);
  const next = json || !receipt.ok ? null : nextWord(plan, receipt);
  if (next !== null) terminal.print(terminal.style.dim(`  ${terminal.style.hint(next)}`));
  return exitCodeOfOutcome(receipt, state);
};

const nextWord = ({ app, into }: RestorePlan, { restorePoint }: Receipt): string | null => {
  if (into !== null) return `the data is in ${into}; the app was not touched`;
  return restorePoint === null ? null : `to undo it:   berth restore ${app} --to ${restorePoint}`;
};

type When = { readonly at: Date; readonly note: string | null } | { readonly point: string };

const readWhen = ({ at, to }: RestoreWish, reader: Reader): When => {
  const hint = 'give --at "2026-02-10 12:00:07", --at "10 minutes ago" or --to POINT';
  if (at !== undefined && to !== undefined) throw usage('a restore is either --at a moment or --to a point', hint);
  if (to !== undefined) return { point: to };
  if (at === undefined) throw usage('back to when?', hint);
  const read = parseMoment(at, reader);
  if (!read.ok) throw momentInvalid(read.message, read.suggestion);
  return read;
};

type Known = {
  readonly when: When;
  readonly status: AppStatus;
  readonly timeLine: TimeLine;
  /** The platform is on this machine, where a path may be said as seen from here. */
  readonly here: boolean;
};

const planRestore = (wish: RestoreWish, { when, status, timeLine, here }: Known): RestorePlan => {
  const { app, stores, into, target } = wish;
  const known = status.stores.map(({ store }) => store);
  if (known.length === 0) throw storesMissing(app);
  for (const store of stores ?? [])
    if (!known.includes(store)) throw storeUnknown(app, store, { meant: didYouMean(store, known), known });
  const found = 'point' in when ? findPoint(app, when.point, timeLine.points) : { ...when, point: null };
  const { point } = found;
  return {
    ...{ app, ...found, stores: status.stores, release: status.release },
    wanted: (stores ?? known).filter((store) => point === null || point.stores.includes(store)),
    ranges: timeLine.ranges.filter((range) => target === undefined || range.target === target),
    into: into === undefined ? null : here ? resolve(into) : into,
    target: target ?? null,
  };
};

const findPoint = (app: string, name: string, points: readonly RestorePoint[]) => {
  const point = points.find((one) => one.point === name);
  if (point === undefined) throw pointUnknown(app, name, points[0]?.point ?? null);
  return { point, at: new Date(point.at), note: null };
};
