import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createS3Server, S3_TEST_CREDENTIALS, type S3FaultRule, type S3ServerOptions, temporaryDirectory } from '@berth/testing';
import { checkTarget, openTarget, type TargetReport } from './index.ts';

const retry = { firstDelayMs: 1, longestDelayMs: 5, attemptMs: 500, totalMs: 300 };

const checkS3 = async (
  rules: readonly S3FaultRule[] = [],
  options: S3ServerOptions = {},
): Promise<TargetReport & { left: string[] }> => {
  await using server = await createS3Server({ buckets: ['vault'], ...options });
  for (const rule of rules) server.faults.add(rule);
  const url = `s3://vault/p?endpoint=${server.endpoint}`;
  const target = await openTarget({ url, credentials: S3_TEST_CREDENTIALS, retry });
  const report = await checkTarget(target, { listWithinMs: 100 });
  return { ...report, left: server.keys('vault') };
};

const failed = ({ checks }: TargetReport): string[] =>
  checks.filter(({ outcome }) => outcome === 'failed').map(({ name, evidence }) => `${name}: ${evidence}`);

describe('a good target passes every check, and keeps nothing of it', () => {
  test('a directory, with a large object', async () => {
    await using directory = await temporaryDirectory();
    const target = await openTarget({ url: `dir:${directory.path}` });
    const report = await checkTarget(target, { largeBytes: 1_000_000 });
    assert.deepEqual(failed(report), []);
    assert.equal(report.ok, true);
    assert.ok(report.checks.every(({ evidence }) => evidence !== ''));
    for await (const { name } of target.list('')) assert.fail(`${name} is left`);
  });

  test('s3', async () => {
    const report = await checkS3();
    assert.deepEqual(failed(report), []);
    assert.equal(report.checks.length, 9);
    assert.deepEqual(report.left, []);
  });
});

const always = { times: Number.POSITIVE_INFINITY };
const bad: { what: string; rules?: S3FaultRule[]; options?: S3ServerOptions; finds: RegExp[] }[] = [
  {
    what: 'flips bits when it is read',
    rules: [{ fault: { kind: 'flip-bit', at: 100 }, kinds: ['GetObject'], ...always }],
    finds: [/read back as it was: other bytes/, /a part/, /a new version/, /not replaced/, /one wins/],
  },
  {
    what: 'gives less than there is, and says nothing',
    rules: [{ fault: { kind: 'truncate', bytes: 1000, honestLength: true }, kinds: ['GetObject'], after: 0, times: 1 }],
    finds: [/65536 bytes were written, 1000 came back/],
  },
  {
    what: 'ignores conditions',
    options: { dialect: { conditionalWrites: 'ignored' } },
    finds: [/not replaced.*although another is there/, /one wins/],
  },
  {
    what: 'shows nothing in its list',
    rules: [{ fault: { kind: 'cut-listing', keys: 0 }, ...always }],
    finds: [/a list shows it with its size: .*nothing/],
  },
  {
    what: 'acknowledges deletes that it does not do',
    rules: [{ fault: { kind: 'lose-write' }, kinds: ['DeleteObjects'], ...always }],
    finds: [/what is deleted is gone: it was not refused/],
  },
];

describe('a target is found out that', () => {
  for (const { what, rules, options, finds } of bad)
    test(what, async () => {
      const report = await checkS3(rules, options);
      const found = failed(report);
      assert.equal(report.ok, false);
      assert.equal(found.length, finds.length, found.join('\n'));
      for (const [index, pattern] of finds.entries()) assert.match(found[index] ?? '', pattern);
    });

  test('denies access, without further trials', async () => {
    const report = await checkS3([{ fault: { kind: 'status', status: 403 }, ...always }]);
    assert.match(failed(report).join('\n'), /^an object is written: .*denies access.*AccessDenied/);
    assert.deepEqual(
      report.checks.slice(1).map(({ outcome }) => outcome),
      Array.from({ length: 8 }, () => 'not tried'),
    );
  });
});
