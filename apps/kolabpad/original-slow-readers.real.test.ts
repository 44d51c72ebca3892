/** Clients that take what they are sent slowly or not at all: the others do not notice, and neither does the memory. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { OriginalClient } from './testing/original-client.ts';
import { codePoints } from './testing/original-operation.ts';
import { openDeafSocket, openPad, type RawPad } from './testing/raw-pad.ts';

test('who never reads is dropped, and the server’s memory stays bounded meanwhile', async () => {
  await using app = await startApp({ env: { WS_WRITE_TIMEOUT_SECONDS: '2', WS_HEARTBEAT_INTERVAL_SECONDS: '0' } });
  await using typist = new OriginalClient();
  await typist.connect(app.socketUrl('deaf'));
  const deaf = await Promise.all(Array.from({ length: 8 }, () => openDeafSocket(app.port, 'deaf')));
  await using _sockets = { [Symbol.asyncDispose]: async () => deaf.forEach((socket) => socket.destroy()) };
  await waitUntil(async () => (await statsOf(app)).websocket_connections === 9, { what: 'all were connected' });
  const before = await residentBytes(app.pid);
  const paragraph = 'x'.repeat(100_000);
  let peak = before;
  // Far more than the kernel holds for a socket, so that the rest has to wait at the server or go nowhere.
  for (let sent = 0; sent < 30_000_000 && (await statsOf(app)).websocket_connections > 1; sent += paragraph.length) {
    typist.insert(0, paragraph);
    typist.delete(0, codePoints(paragraph));
    await typist.waitFor(() => typist.isSettled, 'the edit came back');
    peak = Math.max(peak, await residentBytes(app.pid));
  }
  await waitUntil(async () => (await statsOf(app)).websocket_connections === 1, { what: 'those who do not read were dropped' });
  assert.ok(peak - before < 150 * 2 ** 20, `${Math.round((peak - before) / 2 ** 20)} MB more`);
  const timeouts = app.events('websocket_write_timeout');
  assert.equal(timeouts.length, 8);
  for (const line of timeouts) assert.deepEqual(Object.keys(line), ['level', 'ts', 'msg', 'userId', 'duration']);
  typist.insert(0, 'still here');
  await typist.waitFor(() => typist.isSettled, 'who reads goes on');
});

const NEW = ['new 0', 'new 1', 'new 2', 'new 3', 'new 4', 'new 5'];

test('who reads nothing for a while, and then again, has the same text, users and cursors as everybody', async () => {
  await using app = await startApp({ env: { WS_WRITE_TIMEOUT_SECONDS: '30', BROADCAST_BUFFER_SIZE: '4' } });
  const join = async (name: string): Promise<OriginalClient> => {
    const client = new OriginalClient({ info: { name, hue: 1 }, reconnectEveryMs: 200 });
    await client.connect(app.socketUrl('slow'));
    return client;
  };
  await using slow = await join('slow');
  await using typist = await join('typist');
  const leavers = await Promise.all(['x', 'y', 'z'].map(join));
  await slow.waitFor(() => slow.users.size === 4, 'all were there');
  slow.stopReading();
  const paragraph = 'x'.repeat(100_000);
  const type = async (): Promise<void> => {
    for (let i = 0; i < 30; i++) {
      typist.insert(0, paragraph);
      typist.delete(0, codePoints(paragraph));
      await typist.waitFor(() => typist.isSettled, 'the edit came back');
    }
  };
  await type();
  await Promise.all(leavers.map((client) => client.close()));
  const joiners = await Promise.all(NEW.map(join));
  await using _ = { [Symbol.asyncDispose]: async () => void (await Promise.all(joiners.map((client) => client.close()))) };
  typist.insert(0, 'the end');
  await typist.waitFor(() => typist.isSettled, 'the last edit came back');
  for (const client of joiners) client.setCursors({ cursors: [0], selections: [[0, 0]] });
  /** By name: who is sent away for being slow comes back under a new number. */
  const sees = ({ users, userCursors }: OriginalClient): boolean => {
    const others = [...users].filter(([, { name }]) => name !== 'slow' && name !== 'typist');
    const names = others.map(([, { name }]) => name).toSorted();
    const cursors = others.map(([id]) => JSON.stringify(userCursors.get(id)));
    return names.join() === NEW.join() && cursors.every((each) => each === '{"cursors":[0],"selections":[[0,0]]}');
  };
  await typist.waitFor(() => sees(typist), 'the others had come');
  slow.readOn();
  await slow.waitFor(() => slow.text === 'the end' && slow.revision === typist.revision, 'it had the text');
  await slow.waitFor(() => sees(slow) && sees(typist), 'both had the same users and cursors');
});

/** More history than is kept: 1 to 2 MB of it stay. */
const writeMuch = async (client: OriginalClient): Promise<void> => {
  for (let i = 0; i < 30; i++) {
    client.insert(0, 'x'.repeat(100_000));
    client.delete(0, 100_000);
    await client.waitFor(() => client.isSettled, 'the edit came back');
  }
};

test('who reads slowly but steadily gets all of a long history, however long the write timeout is', async () => {
  await using app = await startApp({ env: { WS_WRITE_TIMEOUT_SECONDS: '2', WS_HEARTBEAT_INTERVAL_SECONDS: '0' } });
  await using writer = new OriginalClient();
  await writer.connect(app.socketUrl('trickle'));
  await writeMuch(writer);
  const slow = await openDeafSocket(app.port, 'trickle');
  await using _slow = { [Symbol.asyncDispose]: async () => void slow.destroy() };
  let isEnded = false;
  slow.on('close', () => {
    isEnded = true;
  });
  let received = 0;
  // About a third of a megabyte a second: what is on the way takes longer than the timeout.
  const reading = setInterval(() => {
    received += (slow.read() as Buffer | null)?.length ?? 0;
  }, 200);
  try {
    await waitUntil(() => isEnded || received > 1_000_000, { what: 'all was received', withinMs: 40_000 });
  } finally {
    clearInterval(reading);
  }
  assert.ok(!isEnded, `cut off after ${received} bytes: ${JSON.stringify(app.events('websocket_write_timeout'))}`);
});

const CROWD = 40;

test(`${CROWD} people come at once over slow lines to a document with much history: nobody is sent away, and memory is bounded`, async () => {
  await using app = await startApp({ env: { BACKEND_LOG_LEVEL: 'info' } });
  await using witness = new OriginalClient({ info: { name: 'witness', hue: 1 } });
  await witness.connect(app.socketUrl('crowd'));
  await writeMuch(witness);
  const before = await residentBytes(app.pid);
  const crowd: RawPad[] = [];
  await using _crowd = { [Symbol.asyncDispose]: async () => crowd.forEach((pad) => pad[Symbol.dispose]()) };
  let peak = 0;
  for (let i = 0; i < CROWD; i++) {
    const pad = await openPad(app.socketUrl('crowd'));
    pad.socket.pause();
    pad.send({ ClientInfo: { name: `person ${i}`, hue: 1 } });
    crowd.push(pad);
    peak = Math.max(peak, await residentBytes(app.pid));
  }
  await witness.waitFor(() => witness.users.size === CROWD, 'all had come in');
  for (const pad of crowd) pad.socket.resume();
  const namesSeenBy = (pad: RawPad): number => new Set(pad.frames.join('').match(/"name":"[^"]*"/g)).size;
  await waitUntil(() => crowd.every((pad) => pad.closeCode !== null || namesSeenBy(pad) === CROWD + 1), {
    what: 'all saw all',
    withinMs: 20_000,
  });
  assert.deepEqual(
    crowd.filter(({ closeCode }) => closeCode !== null).map(({ closeCode }) => closeCode),
    [],
  );
  assert.ok(peak - before < 100 * 2 ** 20, `${Math.round((peak - before) / 2 ** 20)} MB more`);
});

type Stats = { readonly websocket_connections: number };

const statsOf = async (app: AppProcess): Promise<Stats> => (await fetch(`${app.url}/api/stats`)).json() as Promise<Stats>;

const residentBytes = async (pid: number): Promise<number> => {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1024;
};
