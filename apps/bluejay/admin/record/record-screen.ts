/** The screen of one record: the form that its type gets, and what else can be done with it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Session, sessionOf } from '../../accounts/session.ts';
import type { Bluejay } from '../../bluejay.ts';
import type { AnyRecord, ContentType } from '../../content/content-type.ts';
import type { Draft, FieldProblem } from '../../content/draft.ts';
import { html, type Html } from '../../html/html.ts';
import { mayCreate } from '../access.ts';
import type { AdminScreen } from '../admin-page.ts';
import { renderRecordForm } from '../form/record-form.ts';
import { renderMoment, renderStatus } from '../moment.ts';
import { inSentence, titleOf } from '../../content/title.ts';
import { type Preview, previewOf, renderSharedLink } from './preview.ts';

export type RecordScreen = {
  readonly type: ContentType;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly record: AnyRecord | undefined;
  readonly draft?: Draft;
  readonly typed?: unknown;
  readonly problems?: readonly FieldProblem[];
  readonly notice?: AdminScreen['notice'];
  readonly status?: number;
};

export const sendRecord = (bluejay: Bluejay, screen: RecordScreen): FastifyReply => {
  const { type, request, reply, record, draft, typed, problems, notice, status = 200 } = screen;
  const session = sessionOf(request);
  const preview = record === undefined ? undefined : previewOf(bluejay, type, record);
  const form = renderRecordForm({
    bluejay,
    session,
    type,
    record,
    previewPath: preview?.path,
    ...(draft !== undefined && { draft }),
    ...(typed !== undefined && { typed }),
    ...(problems !== undefined && { problems }),
  });
  return bluejay.admin.send(reply, {
    title: screenTitle(type, record),
    session,
    section: `/admin/${type.admin.path}`,
    body: html`${record !== undefined && renderFacts(bluejay, type, record)}${form}`,
    actions: record === undefined ? html`` : renderActions(bluejay, { type, record, session, request, preview }),
    notice,
    status,
  });
};

const screenTitle = (type: ContentType, record: AnyRecord | undefined): string => {
  if (type.kind === 'singleton') return type.label.one;
  return record === undefined ? `New ${inSentence(type.label.one)}` : titleOf(type, record);
};

const renderFacts = ({ now }: Bluejay, type: ContentType, record: AnyRecord): Html => html`<p class="record-facts">
${renderStatus(type, record, now())} Version ${record.version}, saved ${renderMoment(record.updatedAtMs)}</p>`;

type Acting = {
  readonly type: ContentType;
  readonly record: AnyRecord;
  readonly session: Session;
  readonly request: FastifyRequest;
  readonly preview: Preview | undefined;
};

const renderActions = (bluejay: Bluejay, { type, record, session, request, preview }: Acting): Html => {
  const isSingle = type.kind === 'singleton';
  const address = isSingle ? `/admin/${type.admin.path}` : `/admin/${type.admin.path}/${record.id}`;
  return html`${preview !== undefined && renderSharedLink(preview, bluejay, request)}
<a class="button" href="${address}/revisions">Revisions</a>
${mayCreate(session.account, type) && html`<a class="button" href="/admin/${type.admin.path}/new?copy=${record.id}">Duplicate</a>`}`;
};
