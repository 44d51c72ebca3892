/** What people were told that is stored, and when: noted every few milliseconds, to be held against what comes back. */
import { DatabaseSync } from 'node:sqlite';
import { verifyStore } from '../../apps/kolabpad/store/verify.ts';
import type { Crowd } from './crowd.ts';
import type { ServedText } from './verdict.ts';

/** What was acknowledged longer than this before the loss is promised to come back. */
const SAFE_AFTER_MS = 1_000;

/** Ages count back from the loss, in milliseconds; null where there is none. */
export type Returned = {
  readonly wrong: readonly string[];
  readonly acknowledged: number;
  readonly promised: number;
  /** Of the youngest acknowledged edit that came back, and the oldest that did not. */
  readonly newestBackMs: number | null;
  readonly oldestGoneMs: number | null;
  readonly gone: number;
  /** Texts that were compared with what was on a screen at the same revision. */
  readonly compared: number;
};

type Acknowledged = { readonly document: string; readonly edit: string; readonly name: string; readonly atMs: number };
type Seen = { readonly text: string; readonly atMs: number };

const LOOK_EVERY_MS = 3;

export class Witness implements Disposable {
  readonly #crowd: Crowd;
  readonly #acknowledged: Acknowledged[] = [];
  /** By document and revision, as the first who had it. */
  readonly #seen = new Map<string, Map<number, Seen>>();
  readonly #upTo = new Map<string, number>();
  readonly #looking: NodeJS.Timeout;

  constructor(crowd: Crowd) {
    this.#crowd = crowd;
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Holds it against the texts that are served and the database that they come from, before anybody types there again. */
  judge({
    lostAtMs,
    served,
    database,
  }: {
    lostAtMs: number;
    served: ReadonlyMap<string, ServedText>;
    database: string;
  }): Returned {
    this[Symbol.dispose]();
    this.#look();
    const promisedUntil = lostAtMs - SAFE_AFTER_MS;
    const wrong = verifyStore(database).problems.map((problem) => `store: ${problem}`);
    let compared = 0;
    for (const document of this.#crowd.documents) {
      const { text, revision } = served.get(document) ?? { text: '', revision: -1 };
      const seen = this.#seen.get(document) ?? new Map<number, Seen>();
      const known = Math.max(0, ...[...seen].filter(([, { atMs }]) => atMs <= promisedUntil).map(([number]) => number));
      if (revision < known) wrong.push(`${document}: revision ${revision} is back, and ${known} was seen a second before`);
      const then = seen.get(revision);
      if (then !== undefined) compared += 1;
      if (then !== undefined && then.text !== text) wrong.push(`${document}: the text of revision ${revision} is another one`);
    }
    const times = timesOf(database);
    for (const [edit, count] of times) if (count !== 1) wrong.push(`journaled ${count} times: ${edit}`);
    const back = this.#acknowledged.filter(({ edit }) => times.has(edit));
    const gone = this.#acknowledged.filter(({ edit }) => !times.has(edit));
    for (const { document, name, edit, atMs } of gone)
      if (atMs <= promisedUntil)
        wrong.push(`${document}: ${edit} of ${name} is lost, acknowledged ${lostAtMs - atMs} ms before the loss`);
    // What was on its way when the machine was lost is read a moment later.
    const age = (atMs: number | undefined): number | null => (atMs === undefined ? null : Math.max(0, lostAtMs - atMs));
    return {
      wrong,
      acknowledged: this.#acknowledged.length,
      promised: this.#acknowledged.filter(({ atMs }) => atMs <= promisedUntil).length,
      newestBackMs: age(back.at(-1)?.atMs),
      oldestGoneMs: age(gone[0]?.atMs),
      gone: gone.length,
      compared,
    };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#looking);
  }

  #look(): void {
    const atMs = Date.now();
    for (const { name, document, acknowledged, session } of this.#crowd.editors) {
      const upTo = this.#upTo.get(name) ?? 0;
      this.#upTo.set(name, acknowledged);
      for (let sequence = upTo + 1; sequence <= acknowledged; sequence += 1)
        this.#acknowledged.push({ document, name, edit: `${session.sessionId} ${sequence}`, atMs });
      const seen = this.#seen.get(document) ?? new Map<number, Seen>();
      this.#seen.set(document, seen);
      if (!seen.has(session.revision)) seen.set(session.revision, { text: session.save().confirmed, atMs });
    }
  }
}

/** How often each edit is journaled. Far fewer than what makes Kolabpad fold old ones into the text. */
const timesOf = (database: string): Map<string, number> => {
  using db = new DatabaseSync(database, { readOnly: true, timeout: 5_000 });
  const rows = db.prepare('SELECT session, sequence, count(*) AS times FROM operation GROUP BY 1, 2').all();
  return new Map(rows.map(({ session, sequence, times }) => [`${session} ${sequence}`, Number(times)]));
};
