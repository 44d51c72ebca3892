import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFaults } from './fault-windows.ts';

const readAs = (spec: string, reached: readonly string[]): string[] => {
  const done: string[] = [];
  const fault = parseFaults(spec, { sleep: (ms) => done.push(`sleep ${ms}`), kill: () => done.push('kill') });
  for (const point of reached) fault(point);
  return done;
};

const cases = [
  { name: 'nothing happens without a spec', spec: '', reached: ['a', 'b'], done: [] },
  {
    name: 'a window opens each time its step is reached',
    spec: 'a:sleep=30',
    reached: ['a', 'b', 'a'],
    done: ['sleep 30', 'sleep 30'],
  },
  { name: 'a number picks one of the times', spec: 'a:kill#2', reached: ['a', 'b', 'a', 'a'], done: ['kill'] },
  { name: 'several windows stand side by side', spec: 'a.b:sleep=1, c:kill', reached: ['c', 'a.b'], done: ['kill', 'sleep 1'] },
] as const;

for (const { name, spec, reached, done } of cases) test(name, () => assert.deepEqual(readAs(spec, reached), done));

for (const spec of ['a', 'a:stop', 'a:sleep', 'a:sleep=x', ':kill'])
  test(`"${spec}" is refused`, () => assert.throws(() => parseFaults(spec), RangeError));
