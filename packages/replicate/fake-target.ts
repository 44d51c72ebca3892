import { buffer } from 'node:stream/consumers';
import { targetObjectExists, targetObjectMissing } from './errors.ts';
import type { Target } from './target.ts';

/** A target in memory that does what a test wants of it. */
export type FakeTarget = Target & {
  readonly objects: Map<string, Buffer>;
  /** Asked before an object is stored: throws, waits, or gives way. */
  beforePut: (name: string, signal: AbortSignal | undefined) => Promise<void> | void;
  /** Asked after it was stored: a throw is an answer that was lost. */
  afterPut: (name: string) => void;
};

export const createFakeTarget = (): FakeTarget => {
  const objects = new Map<string, Buffer>();
  const target: FakeTarget = {
    description: 'fake',
    objects,
    beforePut: () => undefined,
    afterPut: () => undefined,
    async put(name, body, { ifAbsent = false, signal }) {
      const content = body instanceof Uint8Array ? Buffer.from(body) : await buffer(body);
      await target.beforePut(name, signal);
      if (ifAbsent && objects.has(name)) throw targetObjectExists('fake', name);
      objects.set(name, content);
      target.afterPut(name);
    },
    async get(name, { from = 0, length }) {
      const content = objects.get(name);
      if (content === undefined) throw targetObjectMissing('fake', name);
      return (async function* () {
        yield content.subarray(from, length === undefined ? undefined : from + length);
      })();
    },
    async *list(prefix) {
      for (const [name, content] of objects) if (name.startsWith(prefix)) yield { name, bytes: content.length };
    },
    async delete(names) {
      for (const name of names) objects.delete(name);
    },
  };
  return target;
};
