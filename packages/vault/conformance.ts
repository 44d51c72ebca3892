import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { GetOptions, Target } from '@berth/replicate';
import { createRandom } from '@berth/testing';

export type OpenedTarget = AsyncDisposable & {
  readonly target: Target;
  /** The same place once more, as another process would open it. */
  again(): Target;
};

/** What every target does, in executable form. Each test has a place of its own. */
export const describeTarget = (name: string, open: () => Promise<OpenedTarget>, { largeBytes = 40 * 1024 * 1024 } = {}): void => {
  describe(`the ${name} target`, () => {
    const it = (sentence: string, body: (opened: OpenedTarget) => Promise<void>): void => {
      test(sentence, { timeout: 60_000 }, async () => {
        await using opened = await open();
        await body(opened);
      });
    };

    it('gives back what was put, whole and in parts', async ({ target }) => {
      await target.put('db/a/1', Buffer.from('0123456789'), {});
      const parts: [GetOptions, string][] = [
        [{}, '0123456789'],
        [{ from: 3 }, '3456789'],
        [{ length: 2 }, '01'],
        [{ from: 4, length: 3 }, '456'],
        [{ from: 8, length: 100 }, '89'],
        [{ from: 10 }, ''],
        [{ from: 99, length: 1 }, ''],
        [{ from: 2, length: 0 }, ''],
      ];
      for (const [part, wanted] of parts) assert.equal(await read(target, 'db/a/1', part), wanted, JSON.stringify(part));
    });

    it('takes streams of any chunks, also of none', async ({ target }) => {
      await target.put('streamed', inChunks('a', '', 'bc', 'def'), {});
      await target.put('empty', inChunks(), {});
      await target.put('nothing', Buffer.alloc(0), {});
      assert.deepEqual(
        [await read(target, 'streamed'), await read(target, 'empty'), await read(target, 'nothing')],
        ['abcdef', '', ''],
      );
    });

    it('takes a large stream, and gives back the same', async ({ target }) => {
      const sent = createHash('sha256');
      const random = createRandom(1);
      const body = async function* (hash = createHash('sha256')): AsyncGenerator<Uint8Array> {
        // The buffer is used again, as those who stream do.
        const chunk = Buffer.alloc(300_001);
        for (let left = largeBytes; left > 0; left -= chunk.length) {
          chunk.fill(random.integer(0, 255));
          const part = chunk.subarray(0, left);
          hash.update(part);
          yield part;
        }
      };
      await target.put('large', body(sent), { ifAbsent: true });
      const received = createHash('sha256');
      for await (const chunk of await target.get('large', {})) received.update(chunk);
      assert.equal(received.digest('hex'), sent.digest('hex'));
      await assert.rejects(target.put('large', body(), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
    });

    it('replaces an object, unless it shall be absent', async ({ target, again }) => {
      await target.put('a', Buffer.from('first'), { ifAbsent: true });
      await assert.rejects(again().put('a', Buffer.from('second'), { ifAbsent: true }), { code: 'TARGET_EXISTS' });
      assert.equal(await read(target, 'a'), 'first');
      await again().put('a', Buffer.from('third'), {});
      assert.equal(await read(target, 'a'), 'third');
    });

    it('lets one of many win that write an absent object at once', async ({ again }) => {
      const writers = Array.from({ length: 8 }, (_, number) => ({ number, target: again() }));
      const outcomes = await Promise.allSettled(
        writers.map(({ number, target }) => target.put('epoch', Buffer.from(`writer ${number}`), { ifAbsent: true })),
      );
      const winners = writers.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'TARGET_EXISTS', String(outcome.reason));
      assert.equal(winners.length, 1);
      assert.equal(await read(again(), 'epoch'), `writer ${winners[0]?.number}`);
    });

    it('lists what begins with a prefix, with sizes', async ({ target }) => {
      for (const name of ['db/a/1', 'db/a/2', 'db/b', 'dbx', 'other']) await target.put(name, Buffer.from(name), {});
      const lists: [string, string[]][] = [
        ['', ['db/a/1 6', 'db/a/2 6', 'db/b 4', 'dbx 3', 'other 5']],
        ['db/', ['db/a/1 6', 'db/a/2 6', 'db/b 4']],
        ['db/a/2', ['db/a/2 6']],
        ['d', ['db/a/1 6', 'db/a/2 6', 'db/b 4', 'dbx 3']],
        ['none/', []],
      ];
      for (const [prefix, wanted] of lists) assert.deepEqual(await list(target, prefix), wanted, prefix);
    });

    it('deletes many, and does not mind what is absent', async ({ target }) => {
      const names = Array.from({ length: 25 }, (_, i) => `db/${i}`);
      for (const name of names) await target.put(name, Buffer.from('x'), {});
      await target.delete([...names.slice(1), 'db/none', 'none/none']);
      assert.deepEqual(await list(target, ''), ['db/0 1']);
      await target.delete(['db/0']);
      await target.delete(['db/0']);
      await target.delete([]);
      assert.deepEqual(await list(target, ''), []);
    });

    it('says that an object is missing when it is asked for, not when it is read', async ({ target }) => {
      await target.put('db/a', Buffer.from('x'), {});
      for (const name of ['none', 'db', 'db/a/b'])
        for (const part of [{}, { from: 1 }, { length: 0 }])
          await assert.rejects(target.get(name, part), { code: 'TARGET_OBJECT_MISSING' }, name);
    });

    it('refuses names that not every target can hold', async ({ target }) => {
      for (const name of ['', '/a', 'a/', 'a//b', '../a', 'a/../b', './a', '.hidden', 'a/.b', 'a b', 'ä', 'a\nb', 'a%2fb']) {
        await assert.rejects(target.put(name, Buffer.from('x'), {}), { code: 'TARGET_NAME_REFUSED' }, name);
        await assert.rejects(async () => target.get(name, {}), { code: 'TARGET_NAME_REFUSED' }, name);
        await assert.rejects(async () => target.delete([name]), { code: 'TARGET_NAME_REFUSED' }, name);
      }
    });

    it('leaves nothing of a put whose body fails', async ({ target }) => {
      const failing = async function* (bytes: number): AsyncGenerator<Uint8Array> {
        for (let left = bytes; left > 0; left -= 1_000_000) yield Buffer.alloc(Math.min(left, 1_000_000));
        throw new Error('the source broke');
      };
      for (const bytes of [10, largeBytes]) await assert.rejects(target.put('a', failing(bytes), {}), /the source broke/);
      await assert.rejects(target.get('a', {}), { code: 'TARGET_OBJECT_MISSING' });
      assert.deepEqual(await list(target, ''), []);
    });

    it('ends what it does when it is aborted', async ({ target }) => {
      await target.put('a', Buffer.from('old'), {});
      const aborted = new AbortController();
      const body = async function* (): AsyncGenerator<Uint8Array> {
        yield Buffer.from('ne');
        aborted.abort(new Error('enough'));
        yield Buffer.from('w');
      };
      await assert.rejects(target.put('a', body(), { signal: aborted.signal }));
      assert.equal(await read(target, 'a'), 'old');
      const { signal } = aborted;
      await assert.rejects(target.put('b', Buffer.from('x'), { signal }));
      await assert.rejects(target.delete(['a'], signal));
      await assert.rejects(async () => {
        for await (const _ of target.list('', signal)) assert.fail('it listed');
      });
      assert.deepEqual(await list(target, ''), ['a 3']);
    });

    it('can be left in the middle of reading', async ({ target }) => {
      await target.put('a', Buffer.alloc(5_000_000, 'x'), {});
      for (let i = 0; i < 3; i += 1) {
        for await (const chunk of await target.get('a', {})) {
          assert.ok(chunk.length > 0);
          break;
        }
        // Never begun, but let go.
        await (await target.get('a', {}))[Symbol.asyncIterator]().return?.();
      }
      assert.equal((await read(target, 'a')).length, 5_000_000);
    });

    it('holds no secret in its description', async ({ target }) => {
      assert.match(target.description, /^(?:dir:|s3:)/);
      assert.doesNotMatch(target.description, /KEY|secret/);
    });
  });
};

export const read = async (target: Target, name: string, part: GetOptions = {}): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(name, part)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

export const list = async (target: Target, prefix: string): Promise<string[]> => {
  const found: string[] = [];
  for await (const { name, bytes } of target.list(prefix)) found.push(`${name} ${bytes}`);
  return found.toSorted();
};

async function* inChunks(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}
