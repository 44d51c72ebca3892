/** Saved states of a record: all of them, one beside what is there now and beside the one before, and back to it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sessionOf } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import { ConflictError, ContentError, contentGone } from '../../content/errors.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import { mayEdit, notPermitted, permissionToRead } from '../access.ts';
import type { AdminScreen } from '../admin-page.ts';
import { editAddress } from '../form/form-addresses.ts';
import { draftOfRecord } from '../form/record-draft.ts';
import { findRecord } from '../record/record-routes.ts';
import { inSentence, titleOf } from '../../content/title.ts';
import { idSent, textSent } from '../sent.ts';
import { renderRevision, renderRevisions } from './revision-screen.ts';

type Asked = { readonly request: FastifyRequest; readonly reply: FastifyReply };

export const registerRevisions = (server: FastifyInstance, bluejay: Bluejay, type: ContentType): void => {
  const { admin, content } = bluejay;
  const guard = { preHandler: bluejay.sessions.require(permissionToRead(type)) };
  const isSingle = type.kind === 'singleton';
  const address = `/admin/${type.admin.path}${isSingle ? '' : '/:id'}/revisions`;
  const addressOf = (record: AnyRecord): string => address.replace(':id', String(record.id));

  const send = ({ request, reply }: Asked, screen: Pick<AdminScreen, 'title' | 'body' | 'notice' | 'status'>): FastifyReply =>
    admin.send(reply, { ...screen, session: sessionOf(request), section: `/admin/${type.admin.path}` });

  server.get(address, guard, async (request, reply) => {
    const record = findRecord(bluejay, type, request);
    const revisions = content.revisions(type, record.id);
    const body = renderRevisions({ revisions, address: addressOf(record), editAddress: editAddress(type, record.id) });
    return send({ request, reply }, { title: `Revisions of ${nameOf(type, record)}`, body });
  });

  const sendRevision = (asked: Asked, refused?: ContentError): FastifyReply => {
    const { request } = asked;
    const record = findRecord(bluejay, type, request);
    const number = numberAsked(request);
    const revisions = content.revisions(type, record.id);
    const revision = revisions.find((one) => one.number === number);
    const draft = content.revision(type, record.id, number);
    if (revision === undefined || draft === undefined) throw contentGone('revision');
    const body = renderRevision({
      bluejay,
      type,
      revision,
      draft,
      before: content.revision(type, record.id, number - 1),
      present: draftOfRecord(record),
      version: record.version,
      address: addressOf(record),
      editAddress: editAddress(type, record.id),
      csrf: admin.csrfInput(sessionOf(request)),
      canRestore: mayEdit(sessionOf(request).account, type, record),
    });
    const title = `Revision ${number} of ${nameOf(type, record)}`;
    if (refused === undefined) return send(asked, { title, body });
    return send(asked, { title, body, notice: { kind: 'error', text: refused.message }, status: refused.statusCode });
  };

  server.get(`${address}/:number`, guard, async (request, reply) => sendRevision({ request, reply }));

  server.post(`${address}/:number/restore`, guard, (request, reply) => {
    const { account } = sessionOf(request);
    const record = findRecord(bluejay, type, request);
    if (!mayEdit(account, type, record)) throw notPermitted(`restore this ${inSentence(type.label.one)}`);
    const number = numberAsked(request);
    const draft = content.revision(type, record.id, number);
    if (draft === undefined) throw contentGone('revision');
    const version = idSent(textSent(request.body, 'version'));
    if (version === undefined)
      throw new ContentError('CONTENT_NO_VERSION', 400, 'The form does not say which version it replaces.');
    try {
      content.update(type, record.id, textsOf(draft), { version, actor: account, restored: number });
      return reply.redirect(`${editAddress(type, record.id)}?saved=1`, 303);
    } catch (error) {
      // What it would replace has changed, or it holds what is not allowed any more: shown beside the present state again.
      if (error instanceof ConflictError) {
        const text = `${error.by === '' ? 'Somebody' : error.by} saved this in the meantime. Look at the difference again before you restore.`;
        return sendRevision({ request, reply }, new ContentError(error.code, 409, text));
      }
      if (error instanceof ContentError) return sendRevision({ request, reply }, error);
      throw error;
    }
  });
};

/** What it says, but not whether visitors see it: to bring a text back must neither publish nor withdraw it. */
const textsOf = ({ status: _status, publishAtMs: _from, unpublishAtMs: _until, ...texts }: Draft): Draft => texts;

const numberAsked = (request: FastifyRequest): number => {
  const number = idSent((request.params as { readonly number?: string }).number ?? '');
  if (number === undefined) throw contentGone('revision');
  return number;
};

const nameOf = (type: ContentType, record: AnyRecord): string => `“${titleOf(type, record)}”`;
