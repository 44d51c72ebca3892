/** `/api/document/{id}/…`: what participants change beside the text. Only for those who are connected to the document. */
import type { FastifyInstance } from 'fastify';
import { ApiError, invalidRequest, tokenRequired } from '../domain/errors.ts';
import type { Actor, Documents } from '../live/documents.ts';
import { parseDocumentId } from './request.ts';

const MAX_EXPIRY_HOURS = 30 * 24;
const MAX_NAME_LENGTH = 100;

const METHODS: Readonly<Record<string, readonly string[]>> = {
  protect: ['POST', 'DELETE'],
  expiry: ['PUT'],
  'view-link': ['POST', 'DELETE'],
};

export function documentRoutes(app: FastifyInstance, { documents }: { readonly documents: Documents }): void {
  // The original reads JSON whatever the request calls it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 16_384 }, (_request, body, done) => {
    try {
      done(null, JSON.parse(String(body)));
    } catch {
      done(invalidRequest());
    }
  });

  app.route({
    method: ['GET', 'POST', 'PUT', 'DELETE', 'PATCH'],
    url: '/api/document/*',
    handler: (request, reply) => {
      const path = request.url.split('?', 1)[0] ?? '';
      const { id, action } = parsePath(path.slice(path.indexOf('/api/document/') + '/api/document/'.length));
      const allowed = action === null ? ['DELETE'] : METHODS[action];
      if (id === '' || allowed === undefined) throw new ApiError('INVALID_REQUEST', 404, 'invalid endpoint');
      if (!allowed.includes(request.method)) throw new ApiError('INVALID_REQUEST', 405, 'method not allowed');
      const body = parseBody(request.body);
      const actor = parseActor(body);
      const current = optionalText(body, 'otp');
      reply.header('Cache-Control', 'no-store');
      switch (`${request.method} ${action ?? ''}`) {
        case 'POST protect':
          return reply.send({ otp: documents.protect(id, actor, current) });
        case 'DELETE protect':
          documents.unprotect(id, actor, current);
          return reply.code(204).send();
        case 'PUT expiry':
          return reply.send(documents.setExpiry(id, actor, parseHours(body['hours'])));
        case 'POST view-link':
          return reply.send({ id: documents.createViewLink(id, actor) });
        case 'DELETE view-link':
          documents.revokeViewLink(id, actor);
          return reply.code(204).send();
        case 'DELETE ':
          documents.delete(id, actor);
          return reply.code(204).send();
        default:
          throw tokenRequired();
      }
    },
  });
}

/** `a/b/protect` is the action `protect` of the document `a/b`; what ends in no action is a document by itself. */
function parsePath(rest: string): { readonly id: string; readonly action: string | null } {
  const cut = rest.lastIndexOf('/');
  const last = rest.slice(cut + 1);
  if (cut >= 0 && METHODS[last] !== undefined) return { id: parseDocumentId(rest.slice(0, cut)), action: last };
  return cut >= 0 ? { id: '', action: null } : { id: parseDocumentId(rest), action: null };
}

function parseBody(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidRequest();
  return body as Record<string, unknown>;
}

function parseActor(body: Record<string, unknown>): Actor {
  const { user_id: userId = 0, user_name: userName = '' } = body;
  if (!Number.isSafeInteger(userId) || (userId as number) < 0) throw invalidRequest('user_id is not a number of a participant');
  if (typeof userName !== 'string') throw invalidRequest('user_name is not a text');
  return {
    userId: userId as number,
    userName: userName.slice(0, MAX_NAME_LENGTH).toWellFormed(),
    ticket: optionalText(body, 'ticket'),
  };
}

function optionalText(body: Record<string, unknown>, key: string): string | null {
  const value = body[key] ?? null;
  if (value !== null && typeof value !== 'string') throw invalidRequest(`${key} is not a text`);
  return value;
}

function parseHours(value: unknown): number | null {
  if (value === null) return null;
  if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > MAX_EXPIRY_HOURS)
    throw invalidRequest(`hours is not a whole number from 1 to ${MAX_EXPIRY_HOURS}, nor null`);
  return value as number;
}
