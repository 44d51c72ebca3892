/**
 * What a collaborative editor costs at the least: a plain `ws` server that hands every message to everybody in the room,
 * the sender included, and knows nothing of texts. Rooms are paths. `PORT=… node bench/kolabpad/broadcast-server.ts`
 */
import { createServer } from 'node:http';
import { WebSocket, WebSocketServer } from 'ws';

const rooms = new Map<string, Set<WebSocket>>();
let lastUser = 0;

const server = createServer((_, response) => response.end('ok\n'));
new WebSocketServer({ server }).on('connection', (socket, request) => {
  const path = request.url ?? '/';
  const room = rooms.get(path) ?? new Set();
  rooms.set(path, room.add(socket));
  socket.on('message', (data, isBinary) => {
    for (const member of room) if (member.readyState === WebSocket.OPEN) member.send(data, { binary: isBinary });
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    room.delete(socket);
    if (room.size === 0) rooms.delete(path);
  });
  socket.send(`{"Identity":${(lastUser += 1)}}`);
});
server.listen(Number(process.env['PORT']), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
