// The one owner of its store: it says so when it starts and when it leaves, and complains when somebody is there already.
const { appendFileSync, closeSync, openSync, readFileSync, unlinkSync } = require('node:fs');
const { createServer } = require('node:http');
const { dirname, join } = require('node:path');
const { DatabaseSync } = require('node:sqlite');

// Beside the database, which may be taken back to what it was: this is told of all times.
const notes = dirname(process.env.STORE_DB);
const database = new DatabaseSync(process.env.STORE_DB);
database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS page (number INTEGER PRIMARY KEY, mark TEXT, body BLOB)');
// Many pages that all say the same, changed in one transaction: a mixture of two states shows.
const set = database.prepare(`
  WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)
  INSERT INTO page SELECT i, ?, randomblob(2000) FROM n WHERE true
  ON CONFLICT DO UPDATE SET mark = excluded.mark, body = excluded.body`);
const marks = database.prepare('SELECT mark, count(*) AS count FROM page GROUP BY mark');
const check = database.prepare('PRAGMA integrity_check');
// Data that no release can work with.
if (marks.all().some(({ mark }) => mark === 'poison')) process.exit(1);

const lock = join(notes, 'lock');
const note = (what) => appendFileSync(join(notes, 'owners'), `${what} ${process.env.BERTH_INSTANCE}\n`);
try {
  closeSync(openSync(lock, 'wx'));
} catch {
  note('DOUBLE');
}
note('start');
const version = readFileSync('built', 'utf8').trim();
const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://owner');
  if (pathname === '/set') set.run(searchParams.get('mark'));
  response.end(pathname === '/' ? version : JSON.stringify([...marks.all(), ...check.all()]));
});
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => {
    database.close();
    note('stop');
    unlinkSync(lock);
    process.exit(0);
  });
  server.closeIdleConnections();
});
