import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { leadsMigrations } from '../leads/migrations.ts';
import { createSigner } from '../signing.ts';
import { createAttempts } from './attempts.ts';
import { createFormGuard, type FormBody } from './form-guard.ts';
import { isProof, PROOF_BITS } from './proof-of-work.ts';

const HOUR_MS = 3_600_000;

const openDatabase = (): DatabaseSync => {
  const database = new DatabaseSync(':memory:');
  for (const { sql } of leadsMigrations) database.exec(sql);
  return database;
};

const setUp = () => {
  let nowMs = 1_800_000_000_000;
  const now = () => nowMs;
  const signer = createSigner(['0123456789abcdefghijklmnopqrstuvwxyz'], now);
  const guard = createFormGuard({ database: openDatabase(), signer, now });
  return { guard, pass: (ms: number) => (nowMs += ms) };
};

const valueOf = (inputs: { readonly html: string }, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(inputs.html)?.[1] ?? '';

const prove = (token: string, salt = 'saltsalt'): string => {
  for (let nonce = 0; ; nonce += 1) {
    const digest = createHash('sha256').update(`${token}:${salt}:${nonce}`).digest();
    if (digest.readUInt32BE() >>> (32 - PROOF_BITS) === 0) return `${salt}.${nonce}`;
  }
};

const typed: FormBody = { name: 'Ada', email: 'ada@example.com', message: 'Hello' };

test('who did the work, and took his time, is a person, once', () => {
  const { guard, pass } = setUp();
  const token = valueOf(guard.inputs('contact'), 'form_token');
  pass(5_000);
  const body = { ...typed, form_token: token, form_proof: prove(token), website: '' };
  assert.equal(guard.judge('contact', body).verdict, 'person');
  assert.equal(guard.judge('contact', body).verdict, 'again', 'the same proof a second time');
  const other = { ...body, form_proof: prove(token, 'othersalt') };
  assert.equal(guard.judge('contact', other).verdict, 'person', 'another visitor of the same kept page');
});

test('without script a second click of the same words is asked for, and enough, once', () => {
  const { guard, pass } = setUp();
  const token = valueOf(guard.inputs('contact'), 'form_token');
  pass(5_000);
  const first = guard.judge('contact', { ...typed, form_token: token, form_proof: '' });
  assert.ok(first.verdict === 'confirm');
  const confirmed = { ...typed, form_confirm: valueOf(first.inputs, 'form_confirm') };
  assert.equal(guard.judge('contact', confirmed).verdict, 'again', 'in the same moment');
  pass(3_000);
  assert.equal(guard.judge('contact', { ...confirmed, message: 'Buy' }).verdict, 'again', 'other words');
  assert.equal(guard.judge('contact', confirmed).verdict, 'person');
  assert.equal(guard.judge('contact', confirmed).verdict, 'again', 'twice');
});

const refused: readonly {
  readonly name: string;
  readonly verdict: string;
  readonly waitMs?: number;
  readonly change: FormBody;
}[] = [
  { name: 'fills in what people do not see', verdict: 'program', change: { website: 'https://example.com' } },
  { name: 'is faster than fingers', verdict: 'again', waitMs: 500, change: {} },
  { name: 'comes with a page of three days ago', verdict: 'again', waitMs: 72 * HOUR_MS, change: {} },
  { name: 'makes up a token', verdict: 'again', change: { form_token: 'bm8.0.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } },
  { name: 'makes up a proof', verdict: 'again', change: { form_proof: 'saltsalt.1' } },
  { name: 'makes up a second click', verdict: 'again', change: { form_confirm: 'x' } },
];

for (const { name, verdict, waitMs = 5_000, change } of refused)
  test(`who ${name} is not taken for a person`, () => {
    const { guard, pass } = setUp();
    const token = valueOf(guard.inputs('contact'), 'form_token');
    pass(waitMs);
    assert.equal(guard.judge('contact', { ...typed, form_token: token, form_proof: prove(token), ...change }).verdict, verdict);
  });

test('a token of one form is none of another', () => {
  const { guard, pass } = setUp();
  const token = valueOf(guard.inputs('contact'), 'form_token');
  pass(5_000);
  assert.equal(guard.judge('whitepaper', { ...typed, form_token: token, form_proof: prove(token) }).verdict, 'again');
});

test('a proof is a salt, a number, and the zeros that were asked for', () => {
  assert.ok(isProof('token', prove('token')));
  for (const wrong of ['', 'saltsalt', 'salt.1', 'saltsalt.-1', 'saltsalt.1e3', `saltsalt.${'1'.repeat(13)}`, 'sa:tsalt.1'])
    assert.ok(!isProof('token', wrong, 0), wrong);
});

test('the sixth message within an hour is refused, with the time until the next, and a window slides', () => {
  let nowMs = 0;
  const attempts = createAttempts({ database: openDatabase(), most: 5, windowMs: HOUR_MS, now: () => nowMs });
  for (let minute = 0; minute < 5; minute += 1) {
    nowMs = minute * 60_000;
    assert.deepEqual(attempts.take('203.0.113.0'), { isAllowed: true });
  }
  assert.deepEqual(attempts.take('203.0.113.0'), { isAllowed: false, retryAfterSec: 3_600 - 240 });
  assert.deepEqual(attempts.take('203.0.113.1'), { isAllowed: true }, 'somebody else');
  nowMs = HOUR_MS + 1;
  attempts.sweep();
  assert.deepEqual(attempts.take('203.0.113.0'), { isAllowed: true }, 'the first of them no longer counts');
  assert.equal(attempts.take('203.0.113.0').isAllowed, false, 'the other four do');
});
