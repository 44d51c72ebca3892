import assert from 'node:assert/strict';
import { hkdfSync } from 'node:crypto';
import { describe, test } from 'node:test';
import { treePlace } from './tree-place.ts';

const dataKey = Buffer.alloc(32, 7);
const credentials = { accessKeyId: 'id', secretAccessKey: 'secret' };

describe('restic reaches the trees of a target', () => {
  const cases = [
    { url: 'dir:/mnt/disk', repository: '/mnt/disk/tree', options: [], region: undefined },
    {
      url: 's3://bucket/a/b?endpoint=http://127.0.0.1:9000&region=here',
      repository: 's3:http://127.0.0.1:9000/bucket/a/b/tree',
      options: ['-o', 's3.bucket-lookup=path', '-o', 's3.retries=2'],
      region: 'here',
    },
    {
      url: 's3://bucket?endpoint=https://s3.example&path-style=false',
      repository: 's3:https://s3.example/bucket/tree',
      options: ['-o', 's3.bucket-lookup=dns', '-o', 's3.retries=2'],
      region: 'us-east-1',
    },
    {
      url: 's3://bucket/p?region=eu-central-1',
      repository: 's3:https://s3.eu-central-1.amazonaws.com/bucket/p/tree',
      options: ['-o', 's3.bucket-lookup=dns', '-o', 's3.retries=2'],
      region: 'eu-central-1',
    },
  ];
  for (const { url, repository, options, region } of cases)
    test(`at ${url}`, () => {
      const place = treePlace({ name: 'far', url, credentials, dataKey });
      assert.deepEqual([place.repository, place.options], [repository, options]);
      assert.equal(place.env.AWS_DEFAULT_REGION, region);
      assert.equal(place.env.AWS_SECRET_ACCESS_KEY, region === undefined ? undefined : 'secret');
    });

  test('with a password that only the data key gives, and never in what is shown', () => {
    const { env, repository, options } = treePlace({ name: 'near', url: 'dir:/mnt', dataKey });
    const password = Buffer.from(hkdfSync('sha256', dataKey, '', 'berth tree repository', 32)).toString('hex');
    assert.equal(env.RESTIC_PASSWORD, password);
    assert.ok(![repository, ...options].join(' ').includes(password));
    const other = treePlace({ name: 'near', url: 'dir:/mnt', dataKey: Buffer.alloc(32, 8) });
    assert.notEqual(other.env.RESTIC_PASSWORD, password);
  });
});
