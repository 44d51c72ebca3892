/** Somebody in a browser who has a document open and has typed into it, in the protocol of the original. */
import { once } from 'node:events';
import { waitUntil } from '@berth/testing';
import type { ConnectionOptions } from 'node:tls';
import { type ClientOptions, WebSocket } from 'ws';
import type { Place } from '../step.ts';

/** Resolves once what was typed is acknowledged; gone when disposed of. */
export const typist =
  (document: string, text: string) =>
  async ({ visitor }: Place): Promise<AsyncDisposable> => {
    const { host, address, port, authority } = visitor;
    const options: ClientOptions & ConnectionOptions = { headers: { host }, servername: host, ca: authority };
    const socket = new WebSocket(`wss://${address}:${port}/api/socket/${document}`, options);
    const frames: string[] = [];
    socket.on('message', (data) => frames.push((data as Buffer).toString('utf8')));
    // A deploy ends the connection; what was acknowledged before is what is looked at.
    socket.on('error', (error) => frames.push(error.message));
    const has = (kind: string) => () => frames.some((frame) => frame.startsWith(`{"${kind}"`));
    await waitUntil(has('Identity'), { what: `the server had told an Identity, not ${frames}`, withinMs: 15_000 });
    socket.send(JSON.stringify({ ClientInfo: { name: 'Reader', hue: 200 } }));
    socket.send(JSON.stringify({ Edit: { revision: 0, operation: [text] } }));
    await waitUntil(has('History'), { what: 'the edit came back', withinMs: 15_000 });
    return {
      async [Symbol.asyncDispose]() {
        if (socket.readyState === WebSocket.CLOSED) return;
        socket.terminate();
        await once(socket, 'close');
      },
    };
  };
