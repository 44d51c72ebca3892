/** Work on pictures, a bounded number at once: what somebody waits for goes before what is made for later. */

export type Workshop = {
  /** Runs it as soon as there is room. */
  now<T>(job: () => Promise<T>): Promise<T>;
  /** Runs it when nobody waits for anything else. */
  later<T>(job: () => Promise<T>): Promise<T>;
  /** Resolves when everything that was asked for is done. */
  settled(): Promise<void>;
  /** Begins nothing more; resolves when what had begun is done. Jobs that had not begun are rejected. */
  close(): Promise<void>;
};

export class WorkshopClosedError extends Error {
  constructor() {
    super('the workshop is closed');
    this.name = 'WorkshopClosedError';
  }
}

type Waiting = { readonly begin: () => void; readonly refuse: () => void };

export const createWorkshop = (atOnce: number): Workshop => {
  const urgent: Waiting[] = [];
  const patient: Waiting[] = [];
  let isClosed = false;
  let busy = 0;
  let whenIdle: (() => void)[] = [];

  const next = (): void => {
    while (busy < atOnce) {
      const waiting = urgent.shift() ?? patient.shift();
      if (waiting === undefined) break;
      busy += 1;
      waiting.begin();
    }
    if (busy > 0) return;
    const told = whenIdle;
    whenIdle = [];
    for (const tell of told) tell();
  };

  const enqueue = async <T>(queue: Waiting[], job: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new WorkshopClosedError();
    await new Promise<void>((begin, reject) => {
      queue.push({ begin, refuse: () => reject(new WorkshopClosedError()) });
      next();
    });
    try {
      return await job();
    } finally {
      busy -= 1;
      next();
    }
  };

  const settled = async (): Promise<void> => {
    if (busy > 0) await new Promise<void>((resolve) => whenIdle.push(resolve));
  };

  return {
    now: (job) => enqueue(urgent, job),
    later: (job) => enqueue(patient, job),
    settled,
    async close() {
      isClosed = true;
      for (const { refuse } of [...urgent.splice(0), ...patient.splice(0)]) refuse();
      await settled();
    },
  };
};
