import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export type Measurement = { readonly requestsPerSecond: number; readonly p99Ms: number; readonly requests: number };

const MS: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000 };
const run = promisify(execFile);

/** 64 keep-alive connections of HTTP/1.1 from one thread. Anything but whole 2xx answers makes it throw. */
export async function measure(url: string, host: string, seconds: number): Promise<Measurement> {
  const args = ['-t1', '-c64', `-d${seconds}s`, '--latency', '-H', `Host: ${host}`, url];
  const { stdout } = await run('wrk', args, { timeout: (seconds + 30) * 1000 });
  return parseMeasurement(stdout);
}

export function parseMeasurement(text: string): Measurement {
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(`not every answer was a 2xx:\n${text}`);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1];
  const tail = /99%\s+([\d.]+)(us|ms|s)/.exec(text);
  const requests = /(\d+) requests in/.exec(text)?.[1];
  if (rate === undefined || tail === null || requests === undefined) throw new Error(`unexpected output of wrk:\n${text}`);
  return {
    requestsPerSecond: Number(rate),
    p99Ms: Number(tail[1]) * (MS[tail[2] ?? ''] ?? Number.NaN),
    requests: Number(requests),
  };
}
