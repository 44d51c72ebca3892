/** What the pickers of references ask: records by a few letters, and a new one of which the name is enough. */
import type { FastifyRequest } from 'fastify';
import { sessionOf } from '../../accounts/session.ts';
import type { Bluejay, Routes } from '../../bluejay.ts';
import type { ContentType } from '../../content/content-type.ts';
import { contentGone, InvalidContentError } from '../../content/errors.ts';
import { mayCreate, mayRead, notPermitted } from '../access.ts';
import { titleOf } from '../../content/title.ts';
import { textSent } from '../sent.ts';
import { choiceTitle } from './form-context.ts';
import { canBeMadeByName } from './reference-controls.ts';

const MOST_ANSWERS = 10;

type Request = FastifyRequest<{ Params: { type: string } }>;

/**
 * GET /admin/references/:type?q=…&without=1,2: `{ records: [{ id, title }], total }`, ten at most.
 * POST the same with `title`: `{ id, title }`, 201 when it was made, 200 when there was one of that name; 400 with `message`.
 */
export const referenceRoutes: Routes = (server, { content, sessions }) => {
  server.get('/admin/references/:type', { preHandler: sessions.require('panel') }, (request: Request) => {
    const type = declaredType(content, request.params.type);
    if (!mayRead(sessionOf(request).account, type)) throw notPermitted(`look at ${type.label.many.toLowerCase()}`);
    const without = new Set(textSent(request.query, 'without').split(','));
    const { records, total } = content.list(type, {
      search: textSent(request.query, 'q'),
      perPage: MOST_ANSWERS + without.size,
      order: { by: type.title, direction: 'ascending' },
    });
    const answers = records.filter(({ id }) => !without.has(String(id))).slice(0, MOST_ANSWERS);
    return { records: answers.map((record) => ({ id: record.id, title: choiceTitle(type, record) })), total };
  });

  server.post('/admin/references/:type', { preHandler: sessions.require('content.draft') }, (request: Request, reply) => {
    const type = declaredType(content, request.params.type);
    const { account } = sessionOf(request);
    if (!canBeMadeByName(type) || !mayCreate(account, type)) throw notPermitted(`make ${type.label.many.toLowerCase()}`);
    const title = textSent(request.body, 'title');
    const present = content
      .list(type, { search: title, perPage: MOST_ANSWERS })
      .records.find((record) => titleOf(type, record).toLowerCase() === title.toLowerCase());
    if (present !== undefined) return { id: present.id, title: choiceTitle(type, present) };
    try {
      const made = content.create(type, { fields: { [type.title]: title } }, account);
      return reply.code(201).send({ id: made.id, title: choiceTitle(type, made) });
    } catch (error) {
      if (!(error instanceof InvalidContentError)) throw error;
      return reply.code(400).send({ message: error.problems.map(({ message }) => message).join(' ') });
    }
  });
};

const declaredType = ({ types }: Bluejay['content'], name: string): ContentType => {
  const type = types.find((one) => one.name === name);
  if (type === undefined) throw contentGone('kind of content');
  return type;
};
