import { createServer } from 'node:http';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.env.STORE_VISITS);
database.exec('PRAGMA journal_mode = WAL; CREATE TABLE IF NOT EXISTS visits (at TEXT)');
const visit = database.prepare('INSERT INTO visits VALUES (?)');

const server = createServer((_request, response) => {
  visit.run(new Date().toISOString());
  response.end('Hello from Berth\n');
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => server.close());
