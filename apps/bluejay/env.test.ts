import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigurationError } from '@berth/kit';
import { readEnvironment } from './env.ts';

const SECRET = 'o5Jk1wB0qkYl8m3u2c7Zr6t9x4v1n0QpLsEdFgHj';

test('without variables it is a site in development, with a secret for as long as the process runs', () => {
  const { isProduction, port, secrets, databasePath } = readEnvironment({});
  assert.deepEqual([isProduction, port, databasePath, secrets.length], [false, 28_090, 'bluejay.db', 1]);
  assert.ok(Buffer.byteLength(secrets[0]) >= 32);
});

test('the name that the original read is read too, and the guide’s wins', () => {
  assert.equal(readEnvironment({ DB_PATH: 'a.db' }).databasePath, 'a.db');
  assert.equal(readEnvironment({ DB_PATH: 'a.db', DATABASE_PATH: 'b.db' }).databasePath, 'b.db');
});

test('several secrets are all believed, and the first signs', () => {
  assert.deepEqual(readEnvironment({ SESSION_SECRET: `${SECRET}, ${SECRET}2` }).secrets, [SECRET, `${SECRET}2`]);
  const rotated = { SESSION_SECRET: SECRET, SESSION_SECRET_PREVIOUS: `${SECRET}2` };
  assert.deepEqual(readEnvironment(rotated).secrets, [SECRET, `${SECRET}2`], 'while it is changed');
});

const refused: readonly { readonly name: string; readonly variables: Readonly<Record<string, string>>; readonly says: RegExp }[] =
  [
    { name: 'production without a secret', variables: { ENVIRONMENT: 'production' }, says: /SESSION_SECRET/ },
    { name: 'a short secret', variables: { SESSION_SECRET: 'short' }, says: /SESSION_SECRET/ },
    { name: 'a secret of one letter', variables: { SESSION_SECRET: 'a'.repeat(64) }, says: /irregular/ },
    { name: 'a short one among several', variables: { SESSION_SECRET: `${SECRET},short` }, says: /SESSION_SECRET/ },
    { name: 'an address with a path', variables: { SITE_BASE_URL: 'https://example.com/site' }, says: /SITE_BASE_URL/ },
    { name: 'an address without a scheme', variables: { SITE_BASE_URL: 'example.com' }, says: /SITE_BASE_URL/ },
    { name: 'an environment nobody knows', variables: { ENVIRONMENT: 'prod' }, says: /ENVIRONMENT/ },
  ];

for (const { name, variables, says } of refused)
  test(`${name} is refused, without repeating a secret`, () => {
    assert.throws(
      () => readEnvironment(variables),
      (error: unknown) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, says);
        const secret = variables['SESSION_SECRET'];
        assert.ok(secret === undefined || !error.message.includes(secret));
        return true;
      },
    );
  });
