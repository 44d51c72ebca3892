import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTarget, parseTargetUrl, renderTargetUrl, type TargetPlace } from './index.ts';

const s3 = {
  kind: 's3',
  bucket: 'backups',
  prefix: '',
  region: 'us-east-1',
  pathStyle: false,
  conditionalWrites: 'probe',
} as const;

const places: { url: string; place: TargetPlace; shortest?: string }[] = [
  { url: 'dir:/srv/backups', place: { kind: 'directory', path: '/srv/backups' } },
  { url: 'dir:///srv/backups', place: { kind: 'directory', path: '/srv/backups' }, shortest: 'dir:/srv/backups' },
  { url: 's3://backups', place: s3 },
  { url: 's3://backups/', place: s3, shortest: 's3://backups' },
  {
    url: 's3://backups/a/b-1/?region=eu-central-1',
    place: { ...s3, prefix: 'a/b-1', region: 'eu-central-1' },
    shortest: 's3://backups/a/b-1?region=eu-central-1',
  },
  {
    url: 's3://backups/a?endpoint=https://s3.example.org:9000',
    place: { ...s3, prefix: 'a', endpoint: 'https://s3.example.org:9000', pathStyle: true },
  },
  {
    url: 's3://backups?endpoint=https%3A%2F%2Fs3.example.org&path-style=false&conditional-writes=trust',
    place: { ...s3, endpoint: 'https://s3.example.org', conditionalWrites: 'trust' },
    shortest: 's3://backups?endpoint=https://s3.example.org&path-style=false&conditional-writes=trust',
  },
];

for (const { url, place, shortest = url } of places)
  test(`${url} is read, and written as ${shortest}`, () => {
    assert.deepEqual(parseTargetUrl(url), place);
    assert.equal(renderTargetUrl(place), shortest);
    assert.deepEqual(parseTargetUrl(shortest), place);
  });

const refused: { url: string; why: RegExp }[] = [
  { url: '/srv/backups', why: /begins with neither dir: nor s3:/ },
  { url: 'dir:backups', why: /has to be absolute/ },
  { url: 's3://b', why: /a bucket has 3 to 63/ },
  { url: 's3://bucket:80/x', why: /a bucket has 3 to 63/ },
  { url: 's3://bucket/a b', why: /a prefix has words/ },
  { url: 's3://bucket/../x/%2e%2e', why: /a bucket|a prefix/ },
  { url: 's3://bucket/x?endpont=https://h', why: /endpont is none of endpoint, region/ },
  { url: 's3://bucket/x?endpoint=h:9000', why: /begin with https/ },
  { url: 's3://bucket/x?endpoint=https://h/path', why: /nothing behind/ },
  { url: 's3://bucket/x?path-style=yes', why: /path-style is true or false/ },
  { url: 's3://bucket/x?conditional-writes=no', why: /probe, trust or check-first/ },
  { url: 's3://bucket/x?region=a&region=b', why: /region is there twice/ },
];

for (const { url, why } of refused)
  test(`${url} is refused`, () => {
    // What a browser would tidy up is not of interest here.
    if (url.includes('..')) return assert.doesNotMatch(renderTargetUrl(parseTargetUrl(url)), /\.\./);
    assert.throws(() => parseTargetUrl(url), { code: 'TARGET_URL_INVALID', message: why });
  });

describe('credentials', () => {
  for (const url of [
    's3://AKIATYPED:typedsecret@bucket/x',
    's3://bucket/x?access_key=AKIATYPED&secret_key=typedsecret',
    's3://bucket/x?endpoint=https://AKIATYPED:typedsecret@h',
    's3://bucket/x?endpoint=https%3A%2F%2FAKIATYPED%3Atypedsecret%40h',
    's3://bucket/x?X-Amz-Signature=typedsecret',
  ])
    test(`in ${url.replaceAll(/AKIATYPED|typedsecret/g, '…')} are refused, and not repeated`, () => {
      assert.throws(
        () => parseTargetUrl(url),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'TARGET_URL_HOLDS_SECRET');
          assert.doesNotMatch(JSON.stringify(error) + error.message, /AKIATYPED|typedsecret/);
          return true;
        },
      );
    });

  test('have to be given for s3', async () => {
    await assert.rejects(openTarget({ url: 's3://bucket/x' }), { code: 'TARGET_CREDENTIALS_MISSING' });
    assert.equal((await openTarget({ url: 'dir:/srv/x' })).description, 'dir:/srv/x');
  });
});
