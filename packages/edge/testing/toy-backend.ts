import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';

/** An application for tests: tells what it was asked, slowly if asked to, and echoes WebSockets. */
export type ToyBackend = AsyncDisposable & {
  readonly port: number;
  /** Requests answered, health checks not among them. */
  readonly answered: () => number;
  readonly sockets: () => number;
};

export const startToyBackend = async (
  name: string,
  port: number,
  { slowMs = 0 }: { slowMs?: number } = {},
): Promise<ToyBackend> => {
  let answered = 0;
  const sockets = new Set<Socket>();
  const upgraded = new Set<Socket>();
  const server: Server = createServer((request, response) => {
    if (request.url === '/healthz') {
      response.end('ok');
      return;
    }
    if (request.url === '/slow') {
      setTimeout(() => response.end('ok'), slowMs);
      return;
    }
    answered++;
    const url = new URL(`http://toy${request.url?.startsWith('/') ? '' : '/'}${request.url}`);
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-toy': name };
    if (url.searchParams.has('frame')) headers['x-frame-options'] = 'DENY';
    if (url.searchParams.has('html')) headers['content-type'] = 'text/html';
    void readBody(request).then((bytes) => {
      const body = JSON.stringify({
        toy: name,
        method: request.method,
        url: request.url,
        headers: request.headers,
        bytes,
        pad: 'x'.repeat(Number(url.searchParams.get('pad') ?? 0)),
      });
      setTimeout(
        () => {
          response.writeHead(Number(url.searchParams.get('status') ?? 200), headers);
          response.end(body);
        },
        Number(url.searchParams.get('ms') ?? 0),
      );
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket: Socket) => {
    const accept = createHash('sha1')
      .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    upgraded.add(socket);
    socket.on('data', (data) => socket.write(data));
    socket.on('end', () => socket.end());
    socket.on('close', () => upgraded.delete(socket));
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    port,
    answered: () => answered,
    sockets: () => upgraded.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
};

const readBody = async (request: IncomingMessage): Promise<number> => {
  let bytes = 0;
  for await (const chunk of request) bytes += chunk.length;
  return bytes;
};
