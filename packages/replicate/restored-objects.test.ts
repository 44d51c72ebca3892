import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { createFakeTarget } from './fake-target.ts';
import type { RestoreStep } from './restore-plan.ts';
import { type OpenedStep, openInOrder } from './restored-objects.ts';
import { encodeSegment } from './segment-writer.ts';
import type { Target } from './target.ts';

const LARGE = 100 * 1024 * 1024;
const LINEAGE = '0123456789abcdef';

describe('the objects of a plan', () => {
  const fake = createFakeTarget();
  /** Names of those that were asked for, and of those whose stream is not closed. */
  const asked: string[] = [];
  const open = new Set<string>();
  const target: Target = {
    ...fake,
    async get(name, options) {
      asked.push(name);
      const stream = await fake.get(name, options);
      return (async function* () {
        open.add(name);
        try {
          yield* stream;
        } finally {
          open.delete(name);
        }
      })();
    },
  };

  const steps = async (sizes: readonly number[]): Promise<RestoreStep[]> => {
    const at = { minTxid: 1, maxTxid: 1, firstAt: 1, lastAt: 1, previous: '' };
    const header = { kind: 'log', database: 'app', lineage: LINEAGE, pageSize: 512, ...at } as const;
    const commit = { txid: 1, databasePages: 1, at: 1, checksum: '0'.repeat(16) };
    return await Promise.all(
      sizes.map(async (bytes, index) => {
        const name = `log-${index}`;
        await fake.put(name, encodeSegment(header, [{ page: 1, content: Buffer.alloc(512, 1) }, { commit }]), {});
        return { holding: { name, lineage: LINEAGE, kind: 'log', level: 0, minTxid: 1, maxTxid: 1, bytes }, upTo: 1 };
      }),
    );
  };

  /** Which of them were asked for when the first of these came. */
  const askedBeforeFirst = async (plan: readonly RestoreStep[]): Promise<number> => {
    for await (const { opening } of openInOrder({ target, steps: plan, signal: undefined })) {
      await using segment = await opening;
      assert.equal(segment.header.database, 'app');
      break;
    }
    return asked.length;
  };

  beforeEach(() => {
    asked.length = 0;
    open.clear();
    fake.objects.clear();
  });

  test('come in their order, and only so many are open at a time', async () => {
    const plan = await steps(Array.from({ length: 50 }, () => 1));
    const came: OpenedStep[] = [];
    let most = 0;
    for await (const step of openInOrder({ target, steps: plan, signal: undefined })) {
      await using _ = await step.opening;
      most = Math.max(most, open.size);
      came.push(step);
    }
    assert.deepEqual(
      came.map(({ step }) => step),
      plan,
    );
    assert.deepEqual([...open], []);
    assert.ok(most > 1 && most <= 8, `${most} were open`);
  });

  for (const [name, sizes, expected] of [
    ['behind small ones are opened ahead', [1, 1, 1, 1], 4],
    ['behind a large one wait for it', [LARGE, 1, 1, 1], 1],
    ['that are large wait for their turn', [1, 1, LARGE, 1], 2],
    ['are none', [], 0],
  ] as const)
    test(name, async () => {
      assert.equal(await askedBeforeFirst(await steps(sizes)), expected);
      assert.deepEqual([...open], []);
    });

  test('that were opened ahead are closed when nobody wants them any more', async () => {
    await assert.rejects(async () => {
      for await (const { opening } of openInOrder({ target, steps: await steps([1, 1, 1, 1]), signal: undefined })) {
        await using _ = await opening;
        assert.ok(open.size > 0);
        throw new Error('enough');
      }
    }, /enough/);
    assert.deepEqual([...open], []);
  });

  test('that are missing are missed when their turn comes, and not before', async () => {
    const plan = await steps([1, 1, 1]);
    fake.objects.delete('log-1');
    const found: string[] = [];
    for await (const { step, opening } of openInOrder({ target, steps: plan, signal: undefined })) {
      const segment = await opening.catch((error: Error) => error.message);
      found.push(typeof segment === 'string' ? segment : step.holding.name);
      if (typeof segment !== 'string') await segment[Symbol.asyncDispose]();
    }
    assert.deepEqual(found, ['log-0', 'fake does not hold log-1', 'log-2']);
  });
});
