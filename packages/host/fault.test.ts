import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { exec } from './exec.ts';
import { createFault } from './fault.ts';

describe('a fault point', () => {
  const passes = ['a', 'b', 'a', 'a.b', 'a', 'b'];
  const cases = [
    { spec: undefined, killedAt: [] },
    { spec: '', killedAt: [] },
    { spec: 'a', killedAt: [0] },
    { spec: 'a#2', killedAt: [2] },
    { spec: 'a#4', killedAt: [] },
    { spec: 'b', killedAt: [1] },
    { spec: 'a.b', killedAt: [3] },
    { spec: 'c', killedAt: [] },
  ];
  for (const { spec, killedAt } of cases)
    test(`${spec ?? 'without a spec'} is hit at ${killedAt.length === 0 ? 'no pass' : `pass ${killedAt}`}`, () => {
      const kills: number[] = [];
      let at = 0;
      const fault = createFault(spec, () => kills.push(at));
      for (at = 0; at < passes.length; at++) fault(passes[at] ?? '');
      assert.deepEqual(kills, killedAt);
    });

  for (const spec of ['a#0', 'a#x', 'a#-1', 'a#1.5'])
    test(`${spec} is refused`, () => assert.throws(() => createFault(spec), RangeError));
});

test('the process ends with SIGKILL at that very line', async () => {
  const module = JSON.stringify(new URL('fault.ts', import.meta.url).href);
  const script = `const { createFault } = await import(${module}); const fault = createFault('x#2');
    fault('x'); process.stdout.write('before'); require('fs').writeSync(1, ''); fault('x'); require('fs').writeSync(1, 'after')`;
  const { signal, stdout } = await exec([
    process.execPath,
    '--input-type=module',
    '-e',
    `import { createRequire } from 'node:module';
    const require = createRequire('/'); ${script}`,
  ]);
  assert.equal(signal, 'SIGKILL');
  assert.equal(stdout, 'before');
});
