// One owner of a database in WAL mode. Who writes names what they wrote, and can ask later whether it is there.
const { createServer } = require('node:http');
const { DatabaseSync } = require('node:sqlite');

const release = Number(process.env.BERTH_RELEASE);
const database = new DatabaseSync(process.env.STORE_DB);
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 5000');
database.exec('CREATE TABLE IF NOT EXISTS entry (token TEXT PRIMARY KEY, release INTEGER NOT NULL, body BLOB)');
const add = database.prepare('INSERT INTO entry (token, release, body) VALUES (?, ?, ?)');
const find = database.prepare('SELECT release FROM entry WHERE token = ?');
const list = database.prepare('SELECT token, release FROM entry');
const fill = database.prepare(`
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
  INSERT INTO entry (token, release, body) SELECT ? || i, 0, randomblob(?) FROM n`);

const commit = (write) => {
  const began = performance.now();
  write();
  return { release, ms: performance.now() - began };
};
const pages = {
  '/health': () => ({ release }),
  '/add': (query) => commit(() => add.run(query.get('token'), release, Buffer.alloc(Number(query.get('bytes') ?? 100), 7))),
  '/has': (query) => ({ release, found: find.get(query.get('token')) !== undefined }),
  '/list': () => ({ release, entries: list.all() }),
  '/fill': (query) => commit(() => fill.run(Number(query.get('rows')), query.get('prefix'), Number(query.get('bytes')))),
  '/clear': () => commit(() => database.exec('DELETE FROM entry')),
};

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://ledger');
  try {
    response.end(JSON.stringify(pages[pathname](searchParams)));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => {
    database.close();
    process.exit(0);
  });
  server.closeIdleConnections();
});
