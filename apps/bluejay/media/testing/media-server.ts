/** The library's routes on a server of their own: who sends `x-role` is logged in with it, and every token is right. */
import { fastify, type FastifyInstance } from 'fastify';
import { can } from '../../accounts/permissions.ts';
import { rememberSession, type Sessions } from '../../accounts/session.ts';
import { createAdminFrame } from '../../admin/open-frame.ts';
import type { Bluejay } from '../../bluejay.ts';
import { mediaRoutes } from '../routes.ts';
import { openTestLibrary, type TestLibrary } from './library.ts';

export type MediaServer = AsyncDisposable & { readonly server: FastifyInstance; readonly library: TestLibrary };

export const openMediaServer = async (): Promise<MediaServer> => {
  const library = await openTestLibrary();
  const server = fastify({ routerOptions: { maxParamLength: 2_000 } });
  server.setErrorHandler((error: Error & { statusCode?: number; code?: string }, _request, reply) =>
    reply.code(error.statusCode ?? 500).send({ error: error.message, code: error.code }),
  );
  const sessions: Sessions = {
    find: () => undefined,
    require: (permission) => async (request, reply) => {
      const role = request.headers['x-role'];
      if (role !== 'viewer' && role !== 'author') return await reply.code(401).send({ error: 'log in' });
      if (!can({ role }, permission)) return await reply.code(403).send({ error: 'not permitted' });
      rememberSession(request, { account: { id: 7, email: 'e@example.com', name: 'Edda', role }, csrf: 'TOKEN' });
      return undefined;
    },
  };
  const admin = createAdminFrame({ types: [], siteName: () => 'Test' });
  // Only what these routes use.
  await mediaRoutes(server, { media: library.media, content: library.content, sessions, admin } as unknown as Bluejay);
  return {
    server,
    library,
    async [Symbol.asyncDispose]() {
      await server.close();
      await library[Symbol.asyncDispose]();
    },
  };
};

export type Part = { readonly name: string; readonly filename?: string; readonly content: Buffer | string };

export const multipart = (parts: readonly Part[]): { readonly payload: Buffer; readonly headers: Record<string, string> } => {
  const boundary = 'a-boundary-of-tests';
  const chunks = parts.flatMap(({ name, filename, content }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"\r\nContent-Type: application/octet-stream`}\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
  return {
    payload: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}`, 'x-role': 'author' },
  };
};
