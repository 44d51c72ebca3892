// A chat room: what is said is stored in SQLite and sent to everybody over WebSockets. The page is served by the edge.
import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';
import { acceptWebSocket } from './websocket.js';

const { PORT, STORE_MESSAGES } = process.env;
if (!PORT || !STORE_MESSAGES) throw new Error('set PORT and STORE_MESSAGES (the file of the database)');

const database = new DatabaseSync(STORE_MESSAGES);
database.exec('PRAGMA journal_mode = WAL');
database.exec('CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, at TEXT NOT NULL, text TEXT NOT NULL)');
const insert = database.prepare('INSERT INTO message (at, text) VALUES (?, ?) RETURNING id, at, text');
const latest = database.prepare('SELECT id, at, text FROM message ORDER BY id DESC LIMIT 50');

const MAX_TEXT_BYTES = 2000;
const people = new Set();

function say(text) {
  const message = insert.get(new Date().toISOString(), text);
  for (const person of people) person.send(JSON.stringify(message));
  return message;
}

const server = createServer((request, response) => {
  const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (request.url === '/healthz') json(200, { people: people.size });
  else if (request.url !== '/messages') json(404, { error: 'not found' });
  else if (request.method !== 'POST') json(200, latest.all().reverse());
  else {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString().trim();
      if (text === '' || Buffer.byteLength(text) > MAX_TEXT_BYTES) json(400, { error: 'say something, in at most 2000 bytes' });
      else json(201, say(text));
    });
  }
});

server.on('upgrade', (request, socket) => {
  const person = acceptWebSocket(request, socket, {
    onText: (text) => text.trim() !== '' && say(text.trim()),
    onEnd: () => people.delete(person),
  });
  people.add(person);
});

// The proxy in front closes idle connections, never this server: else a request could meet a closing one.
server.keepAliveTimeout = 75_000;
server.listen(Number(PORT), '127.0.0.1');

process.once('SIGTERM', () => {
  server.close(() => {
    database.close();
    process.exit(0);
  });
  server.closeIdleConnections();
  for (const person of people) person.leave();
});
