import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatSize, parseDuration, parseRate, parseSize } from './quantities.ts';

const durations: [text: string, ms: number | null][] = [
  ['500ms', 500],
  ['0s', 0],
  ['30s', 30_000],
  ['5m', 300_000],
  ['1.5h', 5_400_000],
  ['1.1m', 66_000],
  ['7d', 604_800_000],
  ['1y', 31_536_000_000],
  ['', null],
  ['30', null],
  ['s', null],
  ['30 s', null],
  ['30S', null],
  ['-5s', null],
  ['1e3s', null],
  ['5m30s', null],
  ['0.5ms', null],
  ['99999999999999999999y', null],
];
for (const [text, ms] of durations) {
  test(`the duration "${text}" is ${ms === null ? 'none' : `${ms} ms`}`, () => assert.equal(parseDuration(text), ms));
}

const sizes: [text: string, bytes: number | null][] = [
  ['0B', 0],
  ['100B', 100],
  ['64KB', 64_000],
  ['64KiB', 65_536],
  ['64kb', 64_000],
  ['512MB', 512_000_000],
  ['512 MB', 512_000_000],
  ['1.5GB', 1_500_000_000],
  ['1GiB', 1_073_741_824],
  ['2TiB', 2_199_023_255_552],
  ['512', null],
  ['512M', null],
  ['MB', null],
  ['-1MB', null],
  ['0.3B', null],
  ['9999999999TB', null],
];
for (const [text, bytes] of sizes) {
  test(`the size "${text}" is ${bytes === null ? 'none' : `${bytes} bytes`}`, () => assert.equal(parseSize(text), bytes));
}

const rates: [text: string, rate: { requests: number; perMs: number } | null][] = [
  ['5/min', { requests: 5, perMs: 60_000 }],
  ['10/s', { requests: 10, perMs: 1_000 }],
  ['100/h', { requests: 100, perMs: 3_600_000 }],
  ['30/10s', { requests: 30, perMs: 10_000 }],
  ['5 / minute', { requests: 5, perMs: 60_000 }],
  ['5/0s', null],
  ['5', null],
  ['5/', null],
  ['/min', null],
  ['5/fortnight', null],
  ['5/constructor', null],
];
for (const [text, rate] of rates) {
  test(`the rate "${text}" is ${rate === null ? 'none' : `${rate.requests} in ${rate.perMs} ms`}`, () =>
    assert.deepEqual(parseRate(text), rate));
}

const durationTexts: [ms: number, text: string][] = [
  [0, '0s'],
  [1, '1ms'],
  [1_500, '1500ms'],
  [12_345, '12.3s'],
  [30_000, '30s'],
  [90_000, '90s'],
  [300_000, '5m'],
  [5_400_000, '90m'],
  [86_400_000, '1d'],
  [31_536_000_000, '1y'],
];
for (const [ms, text] of durationTexts) test(`${ms} ms is written ${text}`, () => assert.equal(formatDuration(ms), text));

const sizeTexts: [bytes: number, text: string][] = [
  [0, '0B'],
  [100, '100B'],
  [64_000, '64KB'],
  [65_536, '64KiB'],
  [512_000_000, '512MB'],
  [536_870_912, '512MiB'],
  [123_456_789, '123.5MB'],
];
for (const [bytes, text] of sizeTexts) test(`${bytes} bytes are written ${text}`, () => assert.equal(formatSize(bytes), text));
