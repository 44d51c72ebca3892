const { readFileSync } = require('node:fs');
const { createServer } = require('node:http');

const version = readFileSync('built', 'utf8').trim();
const server = createServer((_request, response) => response.end(version));
server.listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
