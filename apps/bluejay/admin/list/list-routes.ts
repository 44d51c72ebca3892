/** The list of a type, and what is done to several of its records: bulk actions and orders. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sessionOf } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import { ContentError } from '../../content/errors.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import { html } from '../../html/html.ts';
import type { AdminScreen } from '../admin-page.ts';
import { mayPublish, notPermitted, permissionToRead } from '../access.ts';
import { inSentence, titleOf } from '../../content/title.ts';
import { idSent, textSent, textsSent } from '../sent.ts';
import { applyBulk, type BulkAction, bulkActionsOf, bulkText } from './bulk.ts';
import { parseListQuery } from './list-query.ts';
import { renderList, renderListActions } from './list-screen.ts';
import { movedByOne, reorderedWithin } from './ordering.ts';

export const registerList = (server: FastifyInstance, bluejay: Bluejay, type: ContentType): void => {
  const { content } = bluejay;
  const address = `/admin/${type.admin.path}`;
  const guard = { preHandler: bluejay.sessions.require(permissionToRead(type)) };

  server.get(address, guard, async (request, reply) => {
    const { query } = request;
    return sendList(bluejay, { type, request, reply, query, notice: noticeOf(type, query) });
  });

  server.post(`${address}/bulk`, guard, async (request, reply) => {
    const { body } = request;
    const session = sessionOf(request);
    if (!mayPublish(session.account, type)) throw notPermitted(`change several ${inSentence(type.label.many)} at once`);
    const action = bulkActionsOf(type).find((one) => one === textSent(body, 'action'));
    const ids = idsSent(textsSent(body, 'id'));
    if (action === undefined || ids.length === 0) {
      const text = action === undefined ? 'Choose what is to be done.' : 'Choose at least one record.';
      return sendList(bluejay, { type, request, reply, query: {}, notice: { kind: 'error', text }, status: 400 });
    }
    if (action === 'delete' && textSent(body, 'confirmed') === '')
      return sendConfirmation(bluejay, { type, request, reply, ids });
    const { done, refused } = applyBulk(content, type, { action, ids, actor: session.account, nowMs: bluejay.now() });
    if (refused.length === 0) return reply.redirect(`${address}?done=${action}&count=${done}`, 303);
    const text = [done > 0 ? bulkText(type, action, done) : 'Nothing was changed.', ...refused.slice(0, 5)].join(' ');
    return sendList(bluejay, { type, request, reply, query: {}, notice: { kind: 'error', text }, status: 409 });
  });

  server.post(`${address}/order`, guard, async (request, reply) => {
    const { body } = request;
    const session = sessionOf(request);
    if (!mayPublish(session.account, type)) throw notPermitted(`sort ${inSentence(type.label.many)}`);
    if (type.order.by !== 'position')
      throw new ContentError('CONTENT_NOT_SORTED', 409, `${type.label.many} are not ordered by hand.`);
    const wanted = orderSent(allIds(bluejay, type), body);
    if (wanted === undefined)
      throw new ContentError('CONTENT_ORDER_STALE', 409, 'The list has changed in the meantime. Load it again, then sort it.');
    content.reorder(type, wanted, session.account);
    if (request.headers['hx-request'] === 'true') return reply.code(204).send();
    const page = idSent(textSent(body, 'page')) ?? 1;
    return reply.redirect(`${address}?page=${page}&done=order`, 303);
  });
};

type Answer = { readonly type: ContentType; readonly request: FastifyRequest; readonly reply: FastifyReply };

const sendList = (
  bluejay: Bluejay,
  answer: Answer & { readonly query: unknown; readonly notice: AdminScreen['notice']; readonly status?: number },
): FastifyReply => {
  const { type, request, reply, notice, status = 200 } = answer;
  const session = sessionOf(request);
  const query = parseListQuery(type, answer.query);
  const found = bluejay.content.list(type, query);
  const section = `/admin/${type.admin.path}`;
  const body = renderList({ bluejay, session, type, query, found });
  const actions = renderListActions({ session, type });
  return bluejay.admin.send(reply, { title: type.label.many, session, section, body, actions, notice, status });
};

/** Several records go only after their names were read. */
const sendConfirmation = (bluejay: Bluejay, answer: Answer & { readonly ids: readonly number[] }): FastifyReply => {
  const { type, request, reply, ids } = answer;
  const session = sessionOf(request);
  const address = `/admin/${type.admin.path}`;
  const records = ids.map((id): AnyRecord | undefined => bluejay.content.find(type, id)).filter((record) => record !== undefined);
  const what = `${records.length} ${inSentence(records.length === 1 ? type.label.one : type.label.many)}`;
  const body = html`<form method="post" action="${address}/bulk" class="confirmation">
${bluejay.admin.csrfInput(session)}<input type="hidden" name="action" value="delete"><input type="hidden" name="confirmed" value="yes">
<p>These will be deleted, with their revisions. It cannot be undone.</p>
<ul>${records.map((record) => html`<li><input type="hidden" name="id" value="${record.id}">${titleOf(type, record)}</li>`)}</ul>
<p class="buttons"><button class="button button-danger" type="submit">Delete ${what}</button> <a class="button" href="${address}">Keep them</a></p>
</form>`;
  return bluejay.admin.send(reply, { title: `Delete ${what}?`, session, section: address, body });
};

const idsSent = (texts: readonly string[]): readonly number[] => texts.map(idSent).filter((id) => id !== undefined);

/** In their order by hand; page by page, as the engine bounds the size of each. */
const allIds = ({ content }: Bluejay, type: ContentType): readonly number[] => {
  const ids: number[] = [];
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const found = content.list(type, { page, perPage: 500 });
    pages = found.pages;
    ids.push(...found.records.map(({ id }) => id));
  }
  return ids;
};

/** `move` is a button: `12:up`. `ids` is what a drag leaves: those of one page, in their new order. */
const orderSent = (ids: readonly number[], body: unknown): readonly number[] | undefined => {
  const move = /^(\d{1,15}):(up|down)$/.exec(textSent(body, 'move'));
  if (move !== null) return movedByOne(ids, Number(move[1]), move[2] === 'up' ? 'up' : 'down');
  const part = textSent(body, 'ids').split(',').map(idSent);
  return part.some((id) => id === undefined) ? undefined : reorderedWithin(ids, part as readonly number[]);
};

const noticeOf = (type: ContentType, query: unknown): AdminScreen['notice'] => {
  const done = textSent(query, 'done');
  if (done === 'order') return { kind: 'success', text: 'The order is saved.' };
  if (done === 'deleted') return { kind: 'success', text: `${type.label.one} deleted.` };
  const action = bulkActionsOf(type).find((one: BulkAction) => one === done);
  const count = textSent(query, 'count');
  return action === undefined || !/^\d{1,6}$/.test(count)
    ? undefined
    : { kind: 'success', text: bulkText(type, action, Number(count)) };
};
