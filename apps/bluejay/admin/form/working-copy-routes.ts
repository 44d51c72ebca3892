/** Typing that was not saved: kept while one writes, taken back, compared, thrown away, and put together with what others saved. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Session, sessionOf } from '../../accounts/session.ts';
import type { Bluejay, Routes } from '../../bluejay.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { WorkingCopy } from '../../content/content.ts';
import type { Draft } from '../../content/draft.ts';
import { contentGone } from '../../content/errors.ts';
import { draftFromForm } from '../../content/form-draft.ts';
import { mayCreate, mayEdit, notPermitted } from '../access.ts';
import { titleOf } from '../../content/title.ts';
import { idSent, textSent } from '../sent.ts';
import { renderConflict, threeDrafts } from './conflict.ts';
import { editAddress } from './form-addresses.ts';
import { mergeDrafts, preselected } from './merge.ts';
import { renderRecordForm } from './record-form.ts';

/** Long texts, each character of which may be sent as nine. */
const BODY_BYTES = 16 * 2 ** 20;

type Request = FastifyRequest<{ Params: { id: string } }>;

/** What a request is about, after it was asked whether this account may. */
type Edited = {
  readonly session: Session;
  readonly type: ContentType;
  readonly record: AnyRecord | undefined;
  readonly id: number;
};

/**
 * For every type, with 0 as the id of a new record:
 * POST /admin/<path>/:id/working-copy keeps the form that is sent, with its `sequence`: `{ kept, savedAt, version }`;
 * GET of it gives `{ csrf, version }` to a page whose session was renewed; …/open, …/compare and POST …/discard;
 * POST /admin/<path>/:id/merge answers the screen of a conflict with the form that has what was chosen.
 */
export const workingCopyRoutes: Routes = (server, bluejay) => {
  const { content, sessions, now } = bluejay;
  const preHandler = sessions.require('panel');
  for (const type of content.types) {
    const address = `/admin/${type.admin.path}/:id`;
    const edited = (request: Request): Edited => editedBy(request, bluejay, type);

    server.post(`${address}/working-copy`, { preHandler, bodyLimit: BODY_BYTES }, (request: Request) => {
      const { session, record, id } = edited(request);
      const kept = content.keepWorkingCopy(session.account.id, {
        type: type.name,
        recordId: id,
        version: numberSent(request.body, 'version'),
        sequence: numberSent(request.body, 'sequence'),
        draft: draftFromForm(type, request.body).draft,
      });
      return { kept, savedAt: new Date(now()).toISOString(), version: record?.version ?? 0 };
    });

    server.get(`${address}/working-copy`, { preHandler }, (request: Request) => {
      const { session, record } = edited(request);
      return { csrf: session.csrf, version: record?.version ?? 0 };
    });

    server.get(`${address}/working-copy/open`, { preHandler }, (request: Request, reply) => {
      const of = edited(request);
      const copy = copyOf(bluejay, of);
      if (copy === undefined) return reply.redirect(editAddress(type, of.id), 303);
      return sendForm(reply, bluejay, of, {
        draft: copy.draft,
        version: copy.version,
        text: 'This is what you typed and did not save. It is not saved yet.',
      });
    });

    server.get(`${address}/working-copy/compare`, { preHandler }, (request: Request, reply) => {
      const of = edited(request);
      const copy = copyOf(bluejay, of);
      if (copy === undefined || of.record === undefined) return reply.redirect(editAddress(type, of.id), 303);
      return bluejay.admin.send(reply, {
        ...screenOf(of),
        body: renderConflict({
          bluejay,
          session: of.session,
          type,
          mine: copy.draft,
          version: copy.version,
          current: of.record,
          by: content.revisions(type, of.id)[0]?.by?.name ?? '',
        }),
      });
    });

    server.post(`${address}/working-copy/discard`, { preHandler }, (request: Request, reply) => {
      const { session, id } = edited(request);
      content.dropWorkingCopy(session.account.id, type, id);
      return reply.redirect(editAddress(type, id), 303);
    });

    server.post(`${address}/merge`, { preHandler, bodyLimit: BODY_BYTES }, (request: Request, reply) => {
      const of = edited(request);
      if (of.record === undefined) throw contentGone(type.label.one.toLowerCase());
      const mine = draftFromForm(type, request.body).draft;
      const drafts = threeDrafts({ bluejay, type, mine, version: numberSent(request.body, 'version'), current: of.record });
      const draft = mergeDrafts(type, drafts, (part) => {
        const choice = textSent(request.body, `choose.${part.key}`);
        return choice === 'mine' || choice === 'theirs' ? choice : preselected(part);
      });
      const { version } = of.record;
      // Whoever closes the browser now finds it again. The clock that made the sequence before this one may be ahead of ours.
      const sequence = Math.max(now(), (copyOf(bluejay, of)?.sequence ?? 0) + 1);
      content.keepWorkingCopy(of.session.account.id, { type: type.name, recordId: of.id, version, sequence, draft });
      return sendForm(reply, bluejay, of, {
        draft,
        version,
        text: 'This is what you chose, put together. It is not saved yet.',
      });
    });
  }
};

const editedBy = (request: Request, { content }: Bluejay, type: ContentType): Edited => {
  const session = sessionOf(request);
  const id = request.params.id === '0' ? 0 : idSent(request.params.id);
  const record = id === undefined || id === 0 ? undefined : content.find(type, id);
  if (id === undefined || (id > 0 && record === undefined)) throw contentGone(type.label.one.toLowerCase());
  const may = record === undefined ? mayCreate(session.account, type) : mayEdit(session.account, type, record);
  if (!may) throw notPermitted('change this');
  return { session, type, record, id };
};

const copyOf = ({ content }: Bluejay, { session, type, id }: Edited): WorkingCopy | undefined =>
  content.workingCopy(session.account.id, type, id);

const screenOf = ({ session, type, record }: Edited) => ({
  title: record === undefined ? `New ${type.label.one.toLowerCase()}` : `Edit ${titleOf(type, record)}`,
  session,
  section: `/admin/${type.admin.path}`,
});

const sendForm = (
  reply: FastifyReply,
  bluejay: Bluejay,
  of: Edited,
  { draft, version, text }: { readonly draft: Draft; readonly version: number; readonly text: string },
): FastifyReply =>
  bluejay.admin.send(reply, {
    ...screenOf(of),
    notice: { kind: 'success', text },
    body: renderRecordForm({ bluejay, session: of.session, type: of.type, record: of.record, draft, version }),
  });

/** A whole number from 0; whatever else was sent is 0. */
const numberSent = (body: unknown, name: string): number => {
  const text = textSent(body, name);
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
};
