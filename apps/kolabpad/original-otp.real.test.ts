/** Locking a document, as a client of the original does it. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { OriginalClient } from './testing/original-client.ts';
import { refusedUpgrade } from './testing/raw-pad.ts';

let app: AppProcess;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

type Answer = { readonly status: number; readonly contentType: string | null; readonly body: string };

const call = async (method: string, id: string, body?: unknown): Promise<Answer> => {
  const response = await fetch(`${app.url}/api/document/${id}`, {
    method,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    // The original's page says so; its server never looked.
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
  });
  return { status: response.status, contentType: response.headers.get('content-type'), body: await response.text() };
};

const plain = (status: number, text: string): Answer => ({
  status,
  contentType: 'text/plain; charset=utf-8',
  body: `${text}\n`,
});

const join = async (id: string, name: string, token?: string): Promise<OriginalClient> => {
  const client = new OriginalClient({ info: { name, hue: 5 } });
  await client.connect(app.socketUrl(id, token));
  return client;
};

const tokenOf = (answer: Answer): string => {
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.contentType ?? '', /^application\/json/);
  const { otp, ...rest } = JSON.parse(answer.body) as { otp: string };
  assert.match(otp, /^[A-Za-z0-9_-]{12}$/);
  assert.deepEqual(rest, {});
  return otp;
};

test('a document is locked, its token changed, and opened again, and everybody in it is told', async () => {
  await using alice = await join('flow', 'Alice');
  await using bob = await join('flow', 'Bob');
  await alice.waitFor(() => alice.users.has(bob.me), 'Bob was there');
  const asBob = { user_id: bob.me, user_name: 'Bob' };

  const first = tokenOf(await call('POST', 'flow/protect', asBob));
  for (const each of [alice, bob]) {
    await each.waitFor(() => each.otp !== null, 'the token had come');
    assert.deepEqual(each.otp, { otp: first, user_id: bob.me, user_name: 'Bob' });
  }
  const refused = { ...plain(401, 'Invalid or missing OTP') };
  assert.deepEqual(await refusedUpgrade(app.socketUrl('flow')), refused);
  assert.deepEqual(await refusedUpgrade(app.socketUrl('flow', 'wrongwrong12')), refused);
  await using carol = await join('flow', 'Carol', first);
  assert.ok(
    carol.frames.every((frame) => !frame.startsWith('{"OTP"')),
    'the original is not told the token on connect',
  );

  // In the original an outsider who guessed a user id was given a fresh token here.
  assert.equal((await call('POST', 'flow/protect', asBob)).status, 403);
  assert.equal((await call('POST', 'flow/protect', { ...asBob, otp: 'wrongwrong12' })).status, 403);
  const second = tokenOf(await call('POST', 'flow/protect', { ...asBob, otp: first }));
  assert.notEqual(second, first);
  await alice.waitFor(() => alice.otp?.otp === second, 'the second token had come');
  assert.deepEqual(await refusedUpgrade(app.socketUrl('flow', first)), refused);

  assert.deepEqual(await call('DELETE', 'flow/protect', { ...asBob, otp: first }), plain(403, 'Forbidden: invalid OTP'));
  assert.deepEqual(await call('DELETE', 'flow/protect', asBob), plain(403, 'Forbidden: invalid OTP'));
  const opened = await call('DELETE', 'flow/protect', { ...asBob, otp: second });
  assert.deepEqual([opened.status, opened.body], [204, '']);
  await alice.waitFor(() => alice.otp?.otp === null, 'it was told that the token is gone');
  assert.deepEqual(alice.otp, { otp: null, user_id: bob.me, user_name: 'Bob' });
  await using _dave = await join('flow', 'Dave');
  assert.deepEqual(await call('DELETE', 'flow/protect', { ...asBob, otp: second }), plain(400, 'document is not OTP-protected'));
});

test('a lock holds over a restart, and wrong tokens load nothing into the memory', async () => {
  const alice = await join('cold', 'Alice');
  alice.insert(0, 'kept');
  await alice.waitFor(() => alice.isSettled, 'the edit came back');
  const token = tokenOf(await call('POST', 'cold/protect', { user_id: alice.me, user_name: 'Alice' }));
  await alice.close();
  await app.restart('SIGKILL');
  for (const wrong of [undefined, 'wrongwrong12', `${token}x`, '']) {
    assert.equal((await refusedUpgrade(app.socketUrl('cold', wrong))).status, 401);
  }
  const stats = (await (await fetch(`${app.url}/api/stats`)).json()) as { num_documents: number; database_size: number };
  assert.equal(stats.num_documents, 0);
  await using again = await join('cold', 'Alice', token);
  await again.waitFor(() => again.text === 'kept', 'the text was there');
});

test('only who is in the document and said who they are may lock it', async () => {
  const notConnected = plain(403, 'Forbidden: not connected to document');
  await using alice = await join('members', 'Alice');
  await using bob = await join('members', 'Bob');
  await alice.waitFor(() => alice.users.has(bob.me), 'Bob was there');
  await bob.close();
  await alice.waitFor(() => !alice.users.has(bob.me), 'Bob had left');
  for (const user_id of [bob.me, 999]) {
    assert.deepEqual(await call('POST', 'members/protect', { user_id, user_name: 'Bob' }), notConnected);
  }
  assert.deepEqual(await call('POST', 'nobody-was-here/protect', { user_id: 0, user_name: 'Bob' }), notConnected);
  assert.equal((await call('DELETE', 'nobody-was-here/protect', { user_id: 0, user_name: 'Bob', otp: 'x' })).status, 403);
});

const badBodies = [
  '',
  '{',
  '[]',
  '{"user_id":-1,"user_name":"x"}',
  '{"user_id":"0","user_name":"x"}',
  '{"user_id":1.5,"user_name":"x"}',
];
for (const body of badBodies) {
  test(`the body ${JSON.stringify(body)} is answered 400`, async () => {
    for (const method of ['POST', 'DELETE']) {
      const answer = await call(method, 'bad/protect', body);
      assert.equal(answer.status, 400);
      assert.equal(answer.contentType, 'text/plain; charset=utf-8');
      assert.match(answer.body, /^invalid request body.*\n$/);
    }
  });
}

test('other methods are answered 405 and other paths 404', async () => {
  for (const method of ['GET', 'PUT', 'PATCH'])
    assert.deepEqual(await call(method, 'any/protect'), plain(405, 'method not allowed'));
  // `any` alone is a path of ours: it deletes.
  for (const path of ['any/', 'any/unknown', 'any/protect/', ''])
    assert.deepEqual(await call('POST', path, {}), plain(404, 'invalid endpoint'));
});

test('a foreign page cannot lock a document', async () => {
  await using alice = await join('foreign', 'Alice');
  const response = await fetch(`${app.url}/api/document/foreign/protect`, {
    method: 'POST',
    body: JSON.stringify({ user_id: alice.me, user_name: 'Alice' }),
    headers: { origin: 'https://evil.example', 'content-type': 'text/plain' },
  });
  assert.equal(response.status, 403);
  assert.equal(alice.otp, null);
});

test('without a database nothing can be locked, and everything else works', async () => {
  await using memory = await startApp({ env: { SQLITE_URI: '' } });
  await using alice = new OriginalClient();
  await alice.connect(memory.socketUrl('memory'));
  alice.insert(0, 'x');
  await alice.waitFor(() => alice.isSettled, 'the edit came back');
  for (const method of ['POST', 'DELETE']) {
    const response = await fetch(`${memory.url}/api/document/memory/protect`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ user_id: alice.me, user_name: 'x', otp: 'x' }),
    });
    assert.deepEqual([response.status, await response.text()], [503, 'database not enabled\n']);
  }
});
