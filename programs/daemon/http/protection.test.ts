/** Targets, restore points and rehearsals through the API. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contract, type RouteName, type RouteRow } from '@berth/protocol';
import { deployed, type Opened, openApi, raw } from './testing.ts';

const STORES = 'stores:\n  db: { sqlite: shop.db }\n  uploads: { files: uploads }\n';

const finished = async ({ client }: Opened, operation: { id: number }): Promise<void> => {
  for await (const _ of client.stream('events', { query: { operation: operation.id, follow: true } }));
};

test('every answer about protection is what the contract says', async (t) => {
  const api = await openApi(t);
  const { client } = api;
  await deployed(api, 'shop', STORES);
  const added = await client.call('addTarget', { body: { url: 'dir:/backup/far', name: 'far' } });
  const params = { app: 'shop' };
  await finished(api, await client.call('backup', { params, body: { label: 'before the sale' } }));
  await finished(api, await client.call('drill', { params, body: { target: 'far' } }));
  const answers: Partial<Record<RouteName, unknown>> = {
    addTarget: added,
    targets: await client.call('targets', {}),
    timeLine: await client.call('timeLine', { params }),
    drills: await client.call('drills', { params }),
    kit: await client.call('kit', {}),
    app: await client.call('app', { params }),
    receipt: await client.call('receipt', { params: { app: 'shop', operation: 1 } }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    const row: RouteRow = contract[name as RouteName];
    assert.deepEqual(row.response?.parse(answer), answer, name);
  }
  const { points } = await client.call('timeLine', { params });
  assert.deepEqual(
    points.map(({ point, kind, label }) => [point, kind, label]),
    [
      ['p2', 'manual', 'before the sale'],
      ['p1', 'deploy', null],
    ],
  );
  assert.equal((await client.call('drills', { params })).drills[0]?.target, 'far');
});

test('what is asked for reaches the platform', async (t) => {
  const api = await openApi(t);
  const { client, platform } = api;
  await deployed(api, 'shop', STORES);
  const params = { app: 'shop' };
  const credentials = { accessKeyId: 'AKIA', secretAccessKey: 's3cret' };
  await client.call('addTarget', { body: { url: 's3://bucket/taken', credentials, takeOver: true } });
  await client.call('removeTarget', { params: { target: 'taken' } });
  await finished(api, await client.call('restore', { params, body: { at: '2030-01-02T03:04:05+01:00', stores: ['db'] } }));
  await finished(api, await client.call('restore', { params, body: { to: 'p1', into: '/tmp/there' } }));
  await finished(api, await client.call('drill', { params, body: {} }));
  await finished(api, await client.call('rollback', { params, body: { to: 1, withData: true } }));
  assert.deepEqual(platform.asked.slice(1), [
    'target s3://bucket/taken as AKIA taken over',
    'target rm taken',
    'restore shop {"at":"2030-01-02T03:04:05+01:00","stores":["db"]}',
    'restore shop {"to":"p1","into":"/tmp/there"}',
    'drill shop',
    'rollback shop to 1 with data',
  ]);
});

test('a target that does not hold what it promises is refused with what was tried', async (t) => {
  const { client } = await openApi(t);
  await assert.rejects(
    client.call('addTarget', { body: { url: 's3://denied/x' } }),
    (error: { code: string; fields: object }) => {
      assert.equal(error.code, 'TARGET_REFUSED');
      assert.ok('checks' in error.fields);
      return true;
    },
  );
});

const refused: { name: string; path: string; body: object; says: RegExp }[] = [
  { name: 'a restore to nothing', path: '/v1/apps/shop/restore', body: {}, says: /either `at` or `to`/ },
  {
    name: 'a restore to two things',
    path: '/v1/apps/shop/restore',
    body: { at: '2030-01-02T03:04:05Z', to: 'p1' },
    says: /either `at` or `to`/,
  },
  { name: 'a moment without a zone', path: '/v1/apps/shop/restore', body: { at: '2030-01-02T03:04:05' }, says: /at: / },
  { name: 'a point that is none', path: '/v1/apps/shop/restore', body: { to: '12' }, says: /must be a restore point/ },
  {
    name: 'a relative directory',
    path: '/v1/apps/shop/restore',
    body: { to: 'p1', into: 'there' },
    says: /into: /,
  },
  { name: 'an empty list of stores', path: '/v1/apps/shop/restore', body: { to: 'p1', stores: [] }, says: /stores: / },
  { name: 'a target without a place', path: '/v1/targets', body: { name: 'far' }, says: /url: / },
  {
    name: 'a target name with a slash',
    path: '/v1/targets',
    body: { url: 'dir:/x', name: 'a/b' },
    says: /must be a target name/,
  },
  {
    name: 'half a credential',
    path: '/v1/targets',
    body: { url: 's3://x', credentials: { accessKeyId: 'A' } },
    says: /secretAccessKey/,
  },
];
for (const { name, path, body, says } of refused) {
  test(`${name} is refused`, async (t) => {
    const { socket } = await openApi(t);
    const answer = await raw(socket, 'POST', path, JSON.stringify(body));
    assert.deepEqual([answer.status, answer.body.error.code], [400, 'API_BAD_REQUEST']);
    assert.match(answer.body.error.message, says);
  });
}
