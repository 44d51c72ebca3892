/** `/api/text/{id}`: the text of a document for curl and scripts; `/api/status/{id}`: whether a token is wanted. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ApiError, documentNotFound, invalidRequest } from '../domain/errors.ts';
import type { Documents } from '../live/documents.ts';
import { parseDocumentId, queryOf, tokenOf } from './request.ts';

export type TextOptions = {
  readonly documents: Documents;
  readonly maxDocumentBytes: number;
  readonly addressOf: (remote: string | undefined, forwardedFor: string | string[] | undefined) => string;
};

export function textRoutes(app: FastifyInstance, { documents, maxDocumentBytes, addressOf }: TextOptions): void {
  // One byte more than allowed: then it is the document that is too large, and not only the request.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: maxDocumentBytes + 1 }, (_request, body, done) =>
    done(null, body),
  );

  const admit = (request: FastifyRequest, prefix: string) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const id = parseDocumentId(path.slice(path.indexOf(prefix) + prefix.length));
    const address = addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']);
    return { id, admission: () => documents.admit(id, tokenOf(request.headers, queryOf(request.url)), address) };
  };

  app.get('/api/text/*', (request, reply) => {
    const found = documents.readText(admit(request, '/api/text/').admission());
    if (found === undefined) throw documentNotFound();
    // `sandbox`: whatever the text looks like, nothing in it runs on our site.
    reply.headers({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      'X-Revision': String(found.revision),
      ...(found.language !== null && /^[\w-]+$/.test(found.language) && { 'X-Language': found.language }),
    });
    return reply.type('text/plain; charset=utf-8').send(found.text);
  });

  app.put('/api/text/*', (request, reply) => {
    const admission = admit(request, '/api/text/').admission();
    const isNew = documents.readText(admission) === undefined;
    const revision = documents.writeText(admission, parseText(request.body));
    return reply
      .code(isNew ? 201 : 200)
      .header('Cache-Control', 'no-store')
      .send({ revision });
  });

  app.get('/api/status/*', (request, reply) => {
    const { id, admission } = admit(request, '/api/status/');
    reply.header('Cache-Control', 'no-store');
    try {
      admission();
      return reply.send({ access: 'granted', protected: documents.isProtected(id) });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'TOKEN_REQUIRED')) throw error;
      return reply.send({ access: 'denied', protected: true });
    }
  });
}

/** Text as editors have it: UTF-8, lines that end in LF. */
function parseText(body: unknown): string {
  if (body === undefined || body === null) return '';
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body as Buffer).replaceAll(/\r\n?/g, '\n');
  } catch (cause) {
    throw Object.assign(invalidRequest('the text is not UTF-8'), { cause });
  }
}
