import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMeasurement } from './wrk.ts';

const output = (extra: string): string => `Running 5s test @ http://127.0.0.1:1/
  1 threads and 64 connections
  Latency Distribution
     50%    1.00ms
     99%  850.00us
  201234 requests in 5.00s, 240.00MB read
${extra}Requests/sec:  40246.80
Transfer/sec:     48.00MB
`;

test('rate and tail latency are read in their units', () => {
  assert.deepEqual(parseMeasurement(output('')), { requestsPerSecond: 40246.8, p99Ms: 0.85, requests: 201234 });
});

for (const extra of ['  Socket errors: connect 0, read 3, write 0, timeout 0\n', '  Non-2xx or 3xx responses: 12\n']) {
  test(`a run with "${extra.trim().slice(0, 13)}" is no measurement`, () => {
    assert.throws(() => parseMeasurement(output(extra)), /not every answer/);
  });
}
