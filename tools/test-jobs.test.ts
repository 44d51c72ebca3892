import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Job, runJobs } from './test-jobs.ts';

test('so many run at once as may, never two of a lane, and each is reported', async () => {
  const present = new Set<string>();
  const reported: string[] = [];
  let most = 0;
  const job = (lane: string, name: string): Job => ({
    lane,
    async run() {
      assert.ok(!present.has(lane), `two of ${lane}`);
      present.add(lane);
      most = Math.max(most, present.size);
      for (let turn = 0; turn < 3; turn += 1) await new Promise(setImmediate);
      present.delete(lane);
      return { file: name, ms: 0, results: [], notes: [], output: '' };
    },
  });
  await runJobs([job('a', '1'), job('a', '2'), job('a', '3'), job('b', '4'), job('c', '5')], 2, ({ file }) =>
    reported.push(file),
  );
  assert.deepEqual(reported.toSorted(), ['1', '2', '3', '4', '5']);
  assert.equal(most, 2);
});
