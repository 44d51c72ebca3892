import { temporaryDirectory } from '@berth/testing';
import { type ConformanceBench, describeStore, NOON } from './conformance.ts';
import { openStore } from './open-store.ts';

const openBench = async (uri: string, cleanUp: () => Promise<void>): Promise<ConformanceBench> => {
  const events: ConformanceBench['events'][number][] = [];
  let now = NOON;
  const store = await openStore({
    uri,
    key: 'a secret for tests, which is long enough',
    now: () => now,
    log: (event, fields) => {
      if (event !== 'store_migrated') events.push({ event, fields });
    },
  });
  return {
    store,
    events,
    setNow: (at) => (now = at),
    async [Symbol.asyncDispose]() {
      await store.close();
      await cleanUp();
    },
  };
};

describeStore('memory', () => openBench('', async () => undefined));

describeStore('SQLite', async () => {
  const directory = await temporaryDirectory();
  return openBench(directory.join('kolabpad.db'), () => directory[Symbol.asyncDispose]());
});
