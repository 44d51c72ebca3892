/**
 * What is compared with: Fastify with one route for each page, which sends bytes that it was given, with the headers that came with
 * them, and 304 to who has them. It knows nothing of pages. FILE holds them: `node bare-server.ts FILE`, port in PORT.
 */
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';

export type BarePage = { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: string };

const [file = ''] = process.argv.slice(2);
const pages = JSON.parse(readFileSync(file, 'utf8')) as readonly BarePage[];
const server = fastify();
for (const { path, headers, body } of pages) {
  const bytes = Buffer.from(body, 'base64');
  server.get(path, (request, reply) => {
    reply.headers(headers);
    return request.headers['if-none-match'] === headers['etag'] ? reply.code(304).send() : reply.send(bytes);
  });
}
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
