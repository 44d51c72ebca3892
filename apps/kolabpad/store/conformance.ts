import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SYSTEM_USER } from '../domain/messages.ts';
import type { JournalEntry, Snapshot, Store } from './store.ts';
import type { StoreEvent } from './store-log.ts';

export type ConformanceBench = AsyncDisposable & {
  readonly store: Store;
  /** What the store told its log. */
  readonly events: readonly { readonly event: StoreEvent; readonly fields: Readonly<Record<string, unknown>> }[];
  /** The store's clock. */
  setNow(at: Date): void;
};

/** What every store does, in executable form. */
export const describeStore = (name: string, openBench: () => Promise<ConformanceBench>): void => {
  describe(`the ${name} store`, () => {
    const it = (sentence: string, body: (bench: ConformanceBench) => void | Promise<void>): void => {
      test(sentence, async () => {
        await using bench = await openBench();
        await body(bench);
      });
    };

    it('knows nothing under an id that it never saw', ({ store }) => {
      assert.equal(store.find('nobody'), undefined);
      assert.deepEqual(store.findToken('nobody'), { exists: false, otp: null });
      assert.equal(store.findByViewLink('ro-nobody'), undefined);
      assert.equal(store.countDocuments(), 0);
      store.touch(['nobody'], NOON);
      store.compact({ id: 'nobody', base: 1, baseText: 'x', origin: 0 });
      store.delete(['nobody']);
      assert.equal(store.countDocuments(), 0);
    });

    it('makes the row of a document with its first operation, and puts the text together from the journal', ({ store }) => {
      store.commit({ operations: [at('pad', 1, ['Hello']), at('pad', 2, [5, ' wörld 😀'])], epochs: [] });
      assert.deepEqual(store.find('pad'), {
        id: 'pad',
        text: 'Hello wörld 😀',
        revision: 2,
        snapshotRevision: 0,
        base: 0,
        baseText: '',
        origin: 0,
        entries: [entry(1, ['Hello']), entry(2, [5, ' wörld 😀'])],
        epochs: [],
        language: null,
        otp: null,
        viewLink: null,
        expiryHours: null,
      });
      assert.equal(store.countDocuments(), 1);
      assert.deepEqual(store.findToken('pad'), { exists: true, otp: null });
    });

    it('keeps who wrote an operation, the session and its sequence, and the JSON to the letter', ({ store }) => {
      const entries: JournalEntry[] = [
        { revision: 1, author: SYSTEM_USER, operation: '["a\\u0000\\n\\ud83d\\ude00"]', session: null, sequence: null },
        { revision: 2, author: 4_294_967_296, operation: '[4,"b"]', session: 's'.repeat(22), sequence: 7 },
      ];
      store.commit({ operations: entries.map((one) => ({ id: 'pad', entry: one })), epochs: [] });
      assert.deepEqual(store.find('pad')?.entries, entries);
      assert.equal(store.find('pad')?.text, 'a\0\n😀b');
    });

    it('keeps texts with every character that JavaScript can hold in well-formed text', ({ store }) => {
      const text = 'a\0b\r\n\u2028\ufffd\uffff😀';
      store.writeSnapshot(snapshot('pad\0id', text, 3));
      assert.equal(store.find('pad\0id')?.text, text);
      assert.equal(store.find('pad'), undefined);
    });

    it('writes several documents in one commit', ({ store }) => {
      store.commit({
        operations: [at('a', 1, ['1']), at('b', 1, ['2']), at('a', 2, [1, '3'])],
        epochs: [{ id: 'c', epoch: { id: 'e', start: 0 } }],
      });
      assert.deepEqual(
        ['a', 'b', 'c'].map((id) => store.find(id)?.text),
        ['13', '2', ''],
      );
      assert.deepEqual(store.find('c')?.epochs, [{ id: 'e', start: 0 }]);
    });

    it('writes nothing of a commit of which one part cannot be written', ({ store }) => {
      store.commit({ operations: [at('a', 1, ['1'])], epochs: [{ id: 'a', epoch: { id: 'e', start: 0 } }] });
      const before = store.find('a');
      const refused = [
        { operations: [at('a', 2, [1, '2']), at('b', 1, ['x']), at('a', 1, ['again'])], epochs: [] },
        { operations: [at('a', 2, [1, '2']), at('a', 2, [1, '3'])], epochs: [] },
        { operations: [at('b', 1, ['x'])], epochs: [{ id: 'a', epoch: { id: 'e', start: 0 } }] },
      ];
      for (const commit of refused) assert.throws(() => store.commit(commit), { name: 'StoreError', code: 'STORE_CONFLICT' });
      assert.deepEqual(store.find('a'), before);
      assert.equal(store.find('b'), undefined);
      store.commit({ operations: [at('a', 2, [1, '2'])], epochs: [] });
      assert.equal(store.find('a')?.text, '12');
    });

    it('goes on from a snapshot with the operations after it', ({ store, events }) => {
      store.commit({ operations: [at('pad', 1, ['ab']), at('pad', 2, [2, 'c'])], epochs: [] });
      store.writeSnapshot(snapshot('pad', 'abc', 2, 'python'));
      store.commit({ operations: [at('pad', 3, [-1, 2])], epochs: [] });
      const { text, revision, snapshotRevision, language } = found(store, 'pad');
      assert.deepEqual(
        { text, revision, snapshotRevision, language },
        { text: 'bc', revision: 3, snapshotRevision: 2, language: 'python' },
      );
      assert.deepEqual(events, []);
    });

    it('begins the journal of a document that was only ever a snapshot at that snapshot', ({ store, events }) => {
      store.writeSnapshot(snapshot('pad', 'abc', 7));
      store.commit({ operations: [at('pad', 8, [3, 'd'])], epochs: [] });
      const { text, revision, base, baseText, origin, entries } = found(store, 'pad');
      assert.deepEqual(
        { text, revision, base, baseText, origin, entries: entries.length },
        { text: 'abcd', revision: 8, base: 7, baseText: 'abc', origin: 6, entries: 1 },
      );
      assert.deepEqual(events, []);
    });

    const disagreements = [
      {
        what: 'a snapshot that is not what the journal makes',
        text: 'xy',
        revision: 2,
        operations: [at('pad', 3, [2, 'c'])],
        expected: 'abc',
      },
      { what: 'a snapshot from beyond the end of the journal', text: 'abxy', revision: 5, operations: [], expected: 'abxy' },
      { what: 'a gap in the journal', text: '', revision: 0, operations: [at('pad', 4, [2, 'c'])], expected: 'ab' },
      {
        what: 'a gap in the journal that the snapshot bridges',
        text: 'abx',
        revision: 3,
        operations: [at('pad', 4, [3, 'c'])],
        expected: 'abxc',
      },
      { what: 'an operation that does not fit', text: '', revision: 0, operations: [at('pad', 3, [99, 'c'])], expected: 'ab' },
      { what: 'an operation that is none', text: '', revision: 0, operations: [at('pad', 3, [null])], expected: 'ab' },
    ];
    for (const { what, text, revision, operations, expected } of disagreements)
      it(`reports ${what} once, saves what was acknowledged, and goes on`, ({ store, events }) => {
        store.commit({
          operations: [at('pad', 1, ['a']), at('pad', 2, [1, 'b'])],
          epochs: [{ id: 'pad', epoch: { id: 'e', start: 0 } }],
        });
        store.writeSnapshot(snapshot('pad', text, revision));
        store.commit({ operations, epochs: [] });
        const first = found(store, 'pad');
        assert.equal(first.text, expected);
        assert.deepEqual(
          events.map(({ event, fields }) => [event, fields['docId']]),
          [['store_disagrees', 'pad']],
        );
        assert.ok(first.revision >= Math.max(revision, operations.at(-1)?.entry.revision ?? 0));
        assert.equal(first.entries.length, first.revision - first.base);
        // Whoever stands on revisions that are no more must not be able to resume.
        assert.equal(first.epochs.length, first.base === 0 ? 1 : 0);

        store.commit({ operations: [at('pad', first.revision + 1, [expected.length, '!'])], epochs: [] });
        assert.equal(found(store, 'pad').text, `${expected}!`);
        assert.equal(events.length, 1);
      });

    it('keeps a token and takes it away again, together with the snapshot', ({ store }) => {
      store.writeToken(snapshot('pad', 'text', 3, 'go'), 'abcdefghijkl');
      assert.deepEqual(store.findToken('pad'), { exists: true, otp: 'abcdefghijkl' });
      const { otp, text, language } = found(store, 'pad');
      assert.deepEqual({ otp, text, language }, { otp: 'abcdefghijkl', text: 'text', language: 'go' });
      store.writeSnapshot(snapshot('pad', 'text', 3));
      assert.equal(store.findToken('pad').otp, 'abcdefghijkl');
      store.writeToken(snapshot('pad', 'text', 3), null);
      assert.deepEqual(store.findToken('pad'), { exists: true, otp: null });
    });

    it('finds a document by its read-only link until that is revoked, and gives no link twice', ({ store }) => {
      store.writeViewLink(snapshot('pad', 'text', 1), 'ro-one');
      assert.equal(store.findByViewLink('ro-one'), 'pad');
      assert.equal(store.find('pad')?.viewLink, 'ro-one');
      assert.throws(() => store.writeViewLink(snapshot('other', '', 0), 'ro-one'), { code: 'STORE_CONFLICT' });
      assert.equal(store.find('other'), undefined);
      store.writeViewLink(snapshot('pad', 'text', 1), null);
      assert.equal(store.findByViewLink('ro-one'), undefined);
      store.writeViewLink(snapshot('other', '', 0), 'ro-one');
      assert.equal(store.findByViewLink('ro-one'), 'other');
    });

    it('finds what nobody used for longer than its own expiry, or else the default', ({ store, setNow }) => {
      setNow(NOON);
      store.writeSnapshot(snapshot('default', '', 0));
      store.writeExpiry(snapshot('short', '', 0), 1);
      store.writeExpiry(snapshot('long', '', 0), 720);
      assert.equal(store.find('short')?.expiryHours, 1);
      assert.deepEqual(store.findExpired(hoursLater(1), 168), []);
      assert.deepEqual(store.findExpired(hoursLater(1.001), 168), ['short']);
      assert.deepEqual(store.findExpired(hoursLater(169), 168), ['default', 'short'].toSorted());
      assert.deepEqual(store.findExpired(hoursLater(721), 168).toSorted(), ['default', 'long', 'short']);
      store.touch(['short', 'nobody'], hoursLater(2));
      // Time does not run backwards, whatever a clock says.
      store.touch(['short'], NOON);
      assert.deepEqual(store.findExpired(hoursLater(2.9), 168), []);
      assert.deepEqual(store.findExpired(hoursLater(3.1), 168), ['short']);
      store.writeExpiry(snapshot('short', '', 0), null);
      assert.deepEqual(store.findExpired(hoursLater(3.1), 168), []);
      assert.equal(store.countDocuments(), 3);
    });

    it('forgets operations up to the base, and epochs that ended before it', ({ store, events }) => {
      store.commit({
        operations: [
          at('pad', 1, ['a']),
          at('pad', 2, [1, 'b']),
          at('pad', 3, [2, 'c']),
          at('pad', 4, [3, 'd']),
          at('other', 1, ['o']),
        ],
        epochs: [0, 1, 3, 3, 4].map((start, index) => ({ id: 'pad', epoch: { id: `e${index}`, start } })),
      });
      store.compact({ id: 'pad', base: 3, baseText: 'abc', origin: 2 });
      const { text, revision, base, baseText, origin, entries, epochs, snapshotRevision } = found(store, 'pad');
      assert.deepEqual(
        { text, revision, base, baseText, origin, snapshotRevision },
        { text: 'abcd', revision: 4, base: 3, baseText: 'abc', origin: 2, snapshotRevision: 3 },
      );
      assert.deepEqual(
        entries.map((one) => one.revision),
        [4],
      );
      // e1 runs up to revision 3, where e2 begins.
      assert.deepEqual(
        epochs.map(({ id }) => id),
        ['e1', 'e2', 'e3', 'e4'],
      );
      assert.equal(found(store, 'other').entries.length, 1);
      assert.deepEqual(events, []);
    });

    it('keeps a snapshot that is newer than the base of a compaction', ({ store, events }) => {
      store.commit({ operations: [at('pad', 1, ['a']), at('pad', 2, [1, 'b']), at('pad', 3, [2, 'c'])], epochs: [] });
      store.writeSnapshot(snapshot('pad', 'abc', 3));
      store.compact({ id: 'pad', base: 2, baseText: 'ab', origin: 0 });
      const { text, revision, snapshotRevision, entries } = found(store, 'pad');
      assert.deepEqual(
        { text, revision, snapshotRevision, entries: entries.length },
        { text: 'abc', revision: 3, snapshotRevision: 3, entries: 1 },
      );
      assert.deepEqual(events, []);
    });

    it('deletes documents with all that belongs to them, and can begin them anew', ({ store }) => {
      for (const id of ['a', 'b', 'c'])
        store.commit({ operations: [at(id, 1, [id])], epochs: [{ id, epoch: { id: 'e', start: 0 } }] });
      store.writeViewLink(snapshot('a', 'a', 1), 'ro-a');
      store.delete(['a', 'nobody', 'c']);
      assert.deepEqual(
        ['a', 'b', 'c'].map((id) => store.find(id)?.text),
        [undefined, 'b', undefined],
      );
      assert.equal(store.findByViewLink('ro-a'), undefined);
      store.commit({ operations: [at('a', 1, ['new'])], epochs: [{ id: 'a', epoch: { id: 'e', start: 0 } }] });
      assert.equal(found(store, 'a').text, 'new');
      assert.equal(store.countDocuments(), 2);
    });

    it('loads a journal of many operations from the snapshot on', ({ store, events }) => {
      const line = 'x'.repeat(2_000);
      const operations = Array.from({ length: 6_000 }, (_, index) =>
        at('pad', index + 1, index === 0 ? [line] : index % 2 === 0 ? [2_000, -1] : [2_000, 'y']),
      );
      store.commit({ operations, epochs: [] });
      store.writeSnapshot(snapshot('pad', line, 5_999));
      assert.equal(found(store, 'pad').text, `${line}y`);
      assert.equal(found(store, 'pad').entries.length, 6_000);
      assert.deepEqual(events, []);
    });

    it('can be closed twice', async ({ store }) => {
      await store.close();
      await store.close();
    });
  });
};

export const NOON = new Date('2030-01-01T12:00:00Z');

export const entry = (revision: number, operation: readonly unknown[]): JournalEntry => ({
  revision,
  author: 3,
  operation: JSON.stringify(operation),
  session: null,
  sequence: null,
});

/** One operation of a commit. */
export const at = (id: string, revision: number, operation: readonly unknown[]) => ({ id, entry: entry(revision, operation) });

export const snapshot = (id: string, text: string, revision: number, language: string | null = null): Snapshot => ({
  id,
  text,
  revision,
  language,
});

const hoursLater = (hours: number): Date => new Date(NOON.getTime() + hours * 3_600_000);

const found = (store: Store, id: string) => {
  const document = store.find(id);
  assert.ok(document, `${id} is stored`);
  return document;
};
