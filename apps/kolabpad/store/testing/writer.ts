/**
 * A process that edits documents at random for ever: `node writer.ts <database> <seed>`. Of every commit it prints, once it
 * is done, one line of JSON per operation. The test that started it kills it.
 */
import { createRandom } from '@berth/testing';
import { writeSync } from 'node:fs';
import { applyOperation, parseOperation } from '../../domain/operation.ts';
import { openStore } from '../open-store.ts';

export type Printed = { readonly id: string; readonly revision: number; readonly operation: string };

const [file = '', seed = '0'] = process.argv.slice(2);
const random = createRandom(Number(seed));
const say = (line: string): void => void writeSync(1, `${line}\n`);

const store = await openStore({
  uri: file,
  key: 'k'.repeat(32),
  now: () => new Date(),
  log: (event, fields) => say(JSON.stringify({ event, fields })),
  checkpoint: { everyMs: 5, passiveAboveBytes: 20_000, truncateAboveBytes: 100_000 },
});
say('open');

const documents = Array.from({ length: 5 }, (_, index) => {
  const { text = '', revision = 0, base = 0 } = store.find(`pad-${index}`) ?? {};
  return { id: `pad-${index}`, text, revision, base };
});

/** One edit at a random place: some letters go, some come; long texts are cut down. */
const edit = (document: (typeof documents)[number]): Printed => {
  const characters = [...document.text].length;
  const from = random.integer(0, characters);
  const removed = random.integer(0, characters > 2_000 ? characters - from : Math.min(characters - from, 20));
  const operation = parseOperation([from, random.text(random.integer(1, 40), 'abc😀é '), -removed, characters - from - removed]);
  document.text = applyOperation(document.text, operation);
  document.revision += 1;
  return { id: document.id, revision: document.revision, operation: JSON.stringify(operation) };
};

for (;;) {
  const printed = Array.from({ length: random.integer(1, 20) }, () => edit(random.pick(documents)));
  const operations = printed.map(({ id, revision, operation }) => ({
    id,
    entry: { revision, author: 1, operation, session: null, sequence: null },
  }));
  store.commit({ operations, epochs: [] });
  say(printed.map((line) => JSON.stringify(line)).join('\n'));

  const document = random.pick(documents);
  const { id, text, revision } = document;
  if (random.boolean(0.1)) store.writeSnapshot({ id, text, revision, language: 'go' });
  if (random.boolean(0.05)) store.writeToken({ id, text, revision, language: 'go' }, random.boolean() ? 'abcdefghijkl' : null);
  if (random.boolean(0.02)) {
    store.compact({ id, base: revision, baseText: text, origin: document.base });
    document.base = revision;
  }
  if (random.boolean(0.02)) {
    store.writeSnapshot({ id: 'passing', text: 'short-lived', revision: 1, language: null });
    store.delete(['passing']);
  }
  // The checkpoint thread reports through the event loop.
  await new Promise((resolve) => setImmediate(resolve));
}
