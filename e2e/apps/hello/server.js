import { createServer } from 'node:http';

const server = createServer((_request, response) => response.end('Hello from Berth\n'));
server.listen(Number(process.env.PORT), '127.0.0.1');
process.once('SIGTERM', () => server.close());
