// The one owner of its store: it says so when it starts and when it leaves, and complains when somebody is there already.
const { appendFileSync, closeSync, openSync, readFileSync, unlinkSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');

const notes = process.env.STORE_NOTES;
const lock = join(notes, 'lock');
const note = (what) => appendFileSync(join(notes, 'owners'), `${what} ${process.env.BERTH_INSTANCE}\n`);
try {
  closeSync(openSync(lock, 'wx'));
} catch {
  note('DOUBLE');
}
note('start');
const version = readFileSync('built', 'utf8').trim();
const server = createServer((_request, response) => response.end(version));
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => {
    note('stop');
    unlinkSync(lock);
    process.exit(0);
  });
  server.closeIdleConnections();
});
