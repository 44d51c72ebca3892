import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose, type Symptoms } from './diagnosis.ts';

const exited = (changes: Partial<Extract<Symptoms['status'], { state: 'exited' }>>): Symptoms['status'] => ({
  state: 'exited',
  exitCode: 1,
  signal: null,
  outOfMemory: false,
  ...changes,
});
const running: Symptoms['status'] = { state: 'running', pid: 7, memoryBytes: 1 };
const base: Symptoms = {
  status: running,
  answer: null,
  port: 20_103,
  listening: [],
  startMs: 30_000,
  memoryBytes: null,
  lastLines: [],
};

const cases: { name: string; symptoms: Partial<Symptoms>; expected: RegExp }[] = [
  { name: 'an exit code', symptoms: { status: exited({ exitCode: 3 }) }, expected: /^it exited with code 3$/ },
  { name: 'a missing command', symptoms: { status: exited({ exitCode: 127 }) }, expected: /not found \(exit code 127\)/ },
  { name: 'a signal', symptoms: { status: exited({ exitCode: null, signal: 'SIGSEGV' }) }, expected: /ended by SIGSEGV/ },
  {
    name: 'the memory limit',
    symptoms: { status: exited({ outOfMemory: true }), memoryBytes: 512e6 },
    expected: /limit of 512 MB/,
  },
  {
    name: 'the JavaScript heap',
    symptoms: { status: exited({}), lastLines: ['JavaScript heap out of memory'] },
    expected: /heap/,
  },
  {
    name: 'a taken port',
    symptoms: { status: exited({}), lastLines: ['Error: listen EADDRINUSE :::3000'] },
    expected: /\$PORT \(20103\)/,
  },
  {
    name: 'another port than asked',
    symptoms: { listening: [3000] },
    expected: /listens on port 3000 and not on \$PORT \(20103\)/,
  },
  { name: 'no port at all', symptoms: {}, expected: /does not listen on \$PORT \(20103\) within 30 s/ },
  {
    name: 'a bad answer',
    symptoms: { listening: [20_103], answer: 'answered 500 to /healthz' },
    expected: /^answered 500 to \/healthz \(within 30 s\)$/,
  },
  {
    name: 'an unhealthy worker',
    symptoms: { port: null, answer: 'its health command exited with 1' },
    expected: /^its health command exited with 1/,
  },
];
for (const { name, symptoms, expected } of cases) {
  test(`the likely reason names ${name}`, () => assert.match(diagnose({ ...base, ...symptoms }), expected));
}
