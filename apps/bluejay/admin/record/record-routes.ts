/** One record of any type: made, changed, deleted. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type Account, sessionOf } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import { ConflictError, ContentError, contentFixed, contentGone, InvalidContentError } from '../../content/errors.ts';
import { checkDraft } from '../../content/check-draft.ts';
import { draftFromForm } from '../../content/form-draft.ts';
import { html } from '../../html/html.ts';
import { mayCreate, mayEdit, mayPublish, notPermitted, permissionToRead } from '../access.ts';
import { renderConflict } from '../form/conflict.ts';
import { editAddress } from '../form/form-addresses.ts';
import { inSentence, titleOf } from '../../content/title.ts';
import { idSent, textSent } from '../sent.ts';
import { copiedDraft } from './copied-draft.ts';
import { sendRecord } from './record-screen.ts';

type Answer = { readonly type: ContentType; readonly request: FastifyRequest; readonly reply: FastifyReply };
type Params = { readonly id?: string };

/** Of each type: enough to see what would lose something. */
const MOST_USERS = 10;

export const registerRecords = (server: FastifyInstance, bluejay: Bluejay, type: ContentType): void => {
  const { content } = bluejay;
  const address = `/admin/${type.admin.path}`;
  const guard = { preHandler: bluejay.sessions.require(permissionToRead(type)) };

  if (type.kind === 'singleton') {
    server.get(address, guard, async (request, reply) =>
      sendRecord(bluejay, { type, request, reply, record: content.single(type), notice: savedNotice(request) }),
    );
    server.post(address, guard, async (request, reply) => save(bluejay, { type, request, reply, record: content.single(type) }));
    return;
  }

  server.get(`${address}/new`, guard, async (request, reply) => {
    checkCreation(sessionOf(request).account, type);
    const copied = idSent(textSent(request.query, 'copy'));
    const original: AnyRecord | undefined = copied === undefined ? undefined : content.find(type, copied);
    const draft = original === undefined ? {} : { draft: copiedDraft(type, original) };
    return sendRecord(bluejay, { type, request, reply, record: undefined, ...draft });
  });
  server.post(address, guard, async (request, reply) => create(bluejay, { type, request, reply }));
  server.get(`${address}/:id/edit`, guard, async (request, reply) =>
    sendRecord(bluejay, { type, request, reply, record: findRecord(bluejay, type, request), notice: savedNotice(request) }),
  );
  server.post(`${address}/:id`, guard, async (request, reply) =>
    save(bluejay, { type, request, reply, record: findRecord(bluejay, type, request) }),
  );
  server.get(`${address}/:id/delete`, guard, async (request, reply) => askToDelete(bluejay, { type, request, reply }));
  server.post(`${address}/:id/delete`, guard, async (request, reply) => {
    remove(bluejay, type, request);
    return reply.redirect(`${address}?done=deleted`, 303);
  });
  server.delete(`${address}/:id`, guard, async (request, reply) => {
    remove(bluejay, type, request);
    // An empty answer takes the row out of the page of whoever asks with fragments.
    return request.headers['hx-request'] === 'true' ? reply.code(200).send('') : reply.code(204).send();
  });
};

/** Throws contentGone for a record that is not there. */
export const findRecord = ({ content }: Pick<Bluejay, 'content'>, type: ContentType, request: FastifyRequest): AnyRecord => {
  if (type.kind === 'singleton') return content.single(type);
  const id = idSent((request.params as Params).id ?? '');
  const record: AnyRecord | undefined = id === undefined ? undefined : content.find(type, id);
  if (record === undefined) throw contentGone(inSentence(type.label.one));
  return record;
};

/** What whoever may only write drafts must not ask for: that visitors see it, now or later. Throws. */
const checkVisibility = (
  account: Account,
  type: ContentType,
  work: { readonly record: AnyRecord | undefined; readonly draft: Draft },
): void => {
  const { record, draft } = work;
  if (mayPublish(account, type)) return;
  if (draft.status !== undefined && draft.status !== 'draft') throw notPermitted('publish or archive; save it as a draft');
  const isScheduled =
    (draft.publishAtMs ?? null) !== (record?.publishAtMs ?? null) ||
    (draft.unpublishAtMs ?? null) !== (record?.unpublishAtMs ?? null);
  if (isScheduled && (draft.publishAtMs !== undefined || draft.unpublishAtMs !== undefined))
    throw notPermitted('schedule; ask an editor');
};

/** Throws an InvalidContentError when an input cannot be understood; then it names what else is wrong, too. */
const understand = (type: ContentType, body: unknown, record: AnyRecord | undefined): Draft => {
  const { draft, problems } = draftFromForm(type, body);
  if (problems.length === 0) return draft;
  const others = checkDraft(type, draft, { isNew: record === undefined, ...(record !== undefined && { current: record }) });
  const named = new Set(problems.map(({ field }) => field));
  throw new InvalidContentError([...problems, ...others.problems.filter(({ field }) => !named.has(field))]);
};

const create = (bluejay: Bluejay, { type, request, reply }: Answer): FastifyReply => {
  const { account } = sessionOf(request);
  checkCreation(account, type);
  try {
    const draft = understand(type, request.body, undefined);
    checkVisibility(account, type, { record: undefined, draft });
    const record = bluejay.content.create(type, draft, account);
    bluejay.content.dropWorkingCopy(account.id, type, 0);
    return reply.redirect(`/admin/${type.admin.path}/${record.id}/edit?saved=1`, 303);
  } catch (error) {
    if (!(error instanceof InvalidContentError)) throw error;
    return sendProblems(bluejay, { type, request, reply, record: undefined, error });
  }
};

const save = (bluejay: Bluejay, answer: Answer & { readonly record: AnyRecord }): FastifyReply => {
  const { type, request, reply, record } = answer;
  const session = sessionOf(request);
  const { account } = session;
  if (!mayEdit(account, type, record)) throw notPermitted(`change this ${inSentence(type.label.one)}`);
  const version = idSent(textSent(request.body, 'version'));
  if (version === undefined)
    throw new ContentError('CONTENT_NO_VERSION', 400, 'The form does not say which version it began with.');
  let draft: Draft = { fields: {} };
  try {
    draft = understand(type, request.body, record);
    checkVisibility(account, type, { record, draft });
    bluejay.content.update(type, record.id, draft, { version, actor: account });
    bluejay.content.dropWorkingCopy(account.id, type, record.id);
    return reply.redirect(`${editAddress(type, record.id)}?saved=1`, 303);
  } catch (error) {
    if (error instanceof InvalidContentError) return sendProblems(bluejay, { ...answer, error });
    if (!(error instanceof ConflictError)) throw error;
    const { current, by } = error;
    keepTyped(bluejay, type, { account, record, version, draft });
    return bluejay.admin.send(reply, {
      title: type.kind === 'singleton' ? type.label.one : titleOf(type, current),
      session,
      section: `/admin/${type.admin.path}`,
      body: renderConflict({ bluejay, session, type, mine: draft, version, current, by }),
      status: 409,
    });
  }
};

const sendProblems = (
  bluejay: Bluejay,
  problem: Answer & { readonly record: AnyRecord | undefined; readonly error: InvalidContentError },
): FastifyReply => {
  const { type, request, reply, record, error } = problem;
  return sendRecord(bluejay, { type, request, reply, record, typed: request.body, problems: error.problems, status: 400 });
};

/** Whoever closes the screen of the conflict finds his text again: the record offers it. */
const keepTyped = (
  { content, now }: Bluejay,
  type: ContentType,
  typed: { readonly account: Account; readonly record: AnyRecord; readonly version: number; readonly draft: Draft },
): void => {
  const { account, record, version, draft } = typed;
  const kept = content.workingCopy(account.id, type, record.id)?.sequence ?? 0;
  const sequence = Math.max(kept + 1, now());
  content.keepWorkingCopy(account.id, { type: type.name, recordId: record.id, version, sequence, draft });
};

const remove = (bluejay: Bluejay, type: ContentType, request: FastifyRequest): void => {
  const { account } = sessionOf(request);
  checkDeletion(account, type);
  bluejay.content.remove(type, findRecord(bluejay, type, request).id, account);
};

const askToDelete = (bluejay: Bluejay, { type, request, reply }: Answer): FastifyReply => {
  const session = sessionOf(request);
  checkDeletion(session.account, type);
  const record = findRecord(bluejay, type, request);
  const address = `/admin/${type.admin.path}`;
  const users = bluejay.content.usersOf(type, record.id, MOST_USERS);
  const body = html`<form method="post" action="${address}/${record.id}/delete" class="confirmation">
${bluejay.admin.csrfInput(session)}
<p>“${titleOf(type, record)}” will be deleted, with its revisions. It cannot be undone.</p>
${
  users.length > 0 &&
  html`<p>It is used by:</p><ul>${users.map((user) => html`<li><a href="/admin/${user.type.admin.path}/${user.record.id}/edit">${titleOf(user.type, user.record)}</a> (${inSentence(user.type.label.one)})</li>`)}</ul>`
}
<p class="buttons"><button class="button button-danger" type="submit">Delete</button> <a class="button" href="${address}/${record.id}/edit">Keep it</a></p>
</form>`;
  return bluejay.admin.send(reply, { title: `Delete “${titleOf(type, record)}”?`, session, section: address, body });
};

const checkCreation = (account: Account, type: ContentType): void => {
  if (type.kind !== 'collection') throw contentFixed(type.label.many);
  if (!mayCreate(account, type)) throw notPermitted(`make ${inSentence(type.label.many)}`);
};

const checkDeletion = (account: Account, type: ContentType): void => {
  if (type.kind !== 'collection') throw contentFixed(type.label.many);
  if (!mayPublish(account, type)) throw notPermitted(`delete ${inSentence(type.label.many)}`);
};

const savedNotice = (request: FastifyRequest): { readonly kind: 'success'; readonly text: string } | undefined =>
  textSent(request.query, 'saved') === '1' ? { kind: 'success', text: 'Saved.' } : undefined;
