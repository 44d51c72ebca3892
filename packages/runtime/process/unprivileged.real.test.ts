import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { exec, findUser } from '@berth/host';

const suite = fileURLToPath(new URL('driver.real.test.ts', import.meta.url));
const nobody = await findUser('nobody');

test('the process driver keeps its contract without root', async (t) => {
  if (process.getuid?.() !== 0 || nobody === null)
    return t.skip('only root can become somebody else; otherwise driver.real.test.ts shows it');
  const readable = await exec([process.execPath, '--check', suite], { user: nobody }).catch(() => null);
  if (readable?.exitCode !== 0) return t.skip(`the user nobody cannot read ${suite}`);
  const env = { PATH: process.env.PATH, HOME: '/nonexistent' };
  const result = await exec([process.execPath, '--test', '--test-reporter=tap', suite], {
    user: nobody,
    env,
    timeoutMs: 120_000,
  });
  const failures = result.stdout.split(/^(?= *# Subtest)/m).filter((part) => /^ *not ok/m.test(part));
  assert.equal(result.exitCode, 0, `${failures.join('')}${result.stderr}`);
  assert.match(result.stdout, /^# pass (3[5-9]|[4-9]\d)$/m);
});
