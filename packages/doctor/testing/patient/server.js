// An app that falls ill in any way it is asked to. Everything below /do/ is an order.
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const { DatabaseSync } = require('node:sqlite');

const open = () => {
  const database = new DatabaseSync(process.env.STORE_DB);
  database.exec(`PRAGMA journal_mode = ${process.env.JOURNAL_MODE || 'WAL'}; PRAGMA busy_timeout = 200`);
  database.exec('CREATE TABLE IF NOT EXISTS note (text TEXT)');
  return database;
};
const database = process.env.STORE_DB ? open() : null;
const kept = [];
const ill = { front: 200, health: 200, headers: {}, body: '<h1>Patient</h1>', fresh: null, metrics: '' };

const orders = {
  front: (q) => (ill.front = Number(q.get('status'))),
  health: (q) => (ill.health = Number(q.get('status'))),
  page: (q) => Object.assign(ill, { body: q.get('body'), fresh: q.get('fresh') }),
  cookie: (q) => (ill.headers['set-cookie'] = q.get('cookie')),
  metrics: (q) => (ill.metrics = q.get('text')),
  log: (q) => process.stdout.write(`${q.get('text')}\n`),
  exit: () => setTimeout(() => process.exit(3), 20),
  lock: () => database.exec('BEGIN IMMEDIATE'),
  unlock: () => database.exec('ROLLBACK'),
  descriptors: (q) => kept.push(...Array.from({ length: Number(q.get('count')) }, () => fs.openSync('/dev/null'))),
  memory: (q) => kept.push(Buffer.alloc(Number(q.get('bytes')), 7)),
  // A reader that never ends keeps every checkpoint from getting through.
  fill: (q) => {
    const reader = open();
    kept.push(reader);
    reader.exec('BEGIN; SELECT count(*) FROM note');
    for (let at = 0; at < Number(q.get('rows')); at += 1) database.exec("INSERT INTO note VALUES (hex(randomblob(50000)))");
  },
  empty: () => {
    for (const reader of kept.splice(0)) reader.exec('ROLLBACK');
    database.exec('DELETE FROM note; VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  },
  open: (q) => kept.push(createServer().listen(Number(q.get('port')), '0.0.0.0')),
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://patient');
  if (pathname.startsWith('/do/')) {
    orders[pathname.slice(4)](searchParams);
    return response.end('done');
  }
  if (pathname === '/hang') return undefined;
  if (pathname === '/health') return response.writeHead(ill.health).end();
  if (pathname === '/metrics') return response.writeHead(ill.metrics ? 200 : 404).end(ill.metrics);
  if (pathname.endsWith('.css')) return response.writeHead(200, { 'cache-control': 'public, max-age=31536000, immutable' }).end('a{}');
  const isFresh = request.headers['cache-control'] === 'no-cache' && ill.fresh !== null;
  response.writeHead(ill.front, { 'content-type': 'text/html', ...ill.headers }).end(isFresh ? ill.fresh : ill.body);
});
server.on('upgrade', (request, socket) => {
  if (!request.url.startsWith('/ws')) return socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
  const key = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.on('error', () => undefined);
  return socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key}\r\n\r\n`);
});
server.listen(Number(process.env.WRONG_PORT || process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
