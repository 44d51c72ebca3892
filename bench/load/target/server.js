// What the load is pointed at: answers, echoes a digest of what it was sent, takes its time when asked, and keeps
// WebSockets. No dependency, so that a release of it costs nothing to build. RELEASE is changed from deploy to deploy.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { release } from './release.js';

const page = `${'x'.repeat(1023)}\n`;
const sockets = new Set();
let leaving = false;

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://target');
  response.setHeader('x-release', release);
  const answer = (text) => {
    if (leaving) response.setHeader('connection', 'close');
    response.end(text);
  };
  if (request.method === 'POST') {
    const hash = createHash('sha256');
    request.on('data', (chunk) => hash.update(chunk));
    request.on('end', () => answer(hash.digest('hex')));
  } else if (url.pathname === '/slow') {
    setTimeout(() => answer('slow\n'), Number(url.searchParams.get('ms') ?? 5000));
  } else {
    answer(page);
  }
});
// The proxy in front closes idle connections, never this server: else a request could meet a closing one.
server.keepAliveTimeout = 75_000;

const frame = (opcode, payload) => Buffer.concat([Buffer.from([0x80 | opcode, payload.length]), payload]);

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  sockets.add(socket);
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
  let pending = Buffer.alloc(0);
  // Clients of the load send short masked frames only: two bytes of head, four of mask, then the text.
  socket.on('data', (bytes) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 6 && pending.length >= 6 + (pending[1] & 0x7f)) {
      const length = pending[1] & 0x7f;
      const payload = Buffer.from(pending.subarray(6, 6 + length).map((byte, index) => byte ^ pending[2 + (index % 4)]));
      const opcode = pending[0] & 0x0f;
      pending = pending.subarray(6 + length);
      if (opcode === 8) {
        socket.end(frame(8, payload));
        return;
      }
      socket.write(frame(opcode, payload));
    }
  });
});

// Berth sends SIGTERM when no request is left. WebSockets are told to leave: 1001, "going away".
process.once('SIGTERM', () => {
  leaving = true;
  server.close(() => process.exit(0));
  for (const socket of sockets) socket.end(frame(8, Buffer.from([0x03, 0xe9])));
});

// BOOT_MS stands for what a larger program does before it can answer.
setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), Number(process.env.BOOT_MS ?? 0));
