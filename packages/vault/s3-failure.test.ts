import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetError } from './errors.ts';
import { asTargetError, classifyFailure } from './s3-failure.ts';

/** As the SDK throws what S3 answers. */
const answered = (name: string, status: number, message = ''): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

const meanings: { error: unknown; meaning: string }[] = [
  { error: answered('PreconditionFailed', 412), meaning: 'exists' },
  { error: answered('UnknownError', 412), meaning: 'exists' },
  { error: answered('NotFound', 404), meaning: 'missing' },
  { error: answered('NoSuchBucket', 404), meaning: 'final' },
  { error: answered('AccessDenied', 403), meaning: 'denied' },
  { error: answered('QuotaExceeded', 403), meaning: 'full' },
  { error: answered('RequestTimeTooSkewed', 403), meaning: 'skewed' },
  { error: answered('RequestTimeout', 400), meaning: 'passing' },
  { error: answered('InvalidArgument', 400), meaning: 'final' },
  { error: answered('NotImplemented', 501), meaning: 'unsupported' },
  { error: answered('BadGateway', 502), meaning: 'passing' },
  { error: answered('TooManyRequests', 429), meaning: 'passing' },
  { error: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), meaning: 'passing' },
  { error: new TypeError('a mistake of ours'), meaning: 'final' },
  { error: targetError('TARGET_EXISTS', { target: 't', name: 'n' }), meaning: 'final' },
];

for (const { error, meaning } of meanings)
  test(`${String(error)} is ${meaning}`, () => assert.equal(classifyFailure(error, []).meaning, meaning));

test('what is secret is hidden in every text, and no cause is kept', () => {
  const secrets = ['AKIASECRET', 'sec/ret+key'];
  const cause = answered('SignatureDoesNotMatch', 403, 'signed by AKIASECRET with sec/ret+key, twice sec/ret+key');
  const error = asTargetError(cause, { target: 't', name: 'n' }, secrets);
  assert.doesNotMatch(JSON.stringify(error), /AKIASECRET|sec\/ret\+key/);
  assert.match(error.message, /signed by … with …, twice …/);
  assert.equal(error.cause, undefined);
});
