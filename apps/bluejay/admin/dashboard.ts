/** /admin: what there is, what is about to happen, what happened, and where to begin. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { LoggedActivity } from '../accounts/activity-log.ts';
import { can } from '../accounts/permissions.ts';
import { type Account, sessionOf } from '../accounts/session.ts';
import type { Bluejay } from '../bluejay.ts';
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import type { Content } from '../content/content.ts';
import { html, type Html } from '../html/html.ts';
import { mayCreate, mayRead } from './access.ts';
import { renderMoment } from './moment.ts';
import { inSentence, titleOf } from '../content/title.ts';
import { DASHBOARD } from './sidebar.ts';

/** What other areas have to say here. Asked with every look at the dashboard, and only for who may see it. */
export type DashboardSources = {
  readonly messages: () => { readonly total: number; readonly unread: number; readonly path: string };
  /** The newest first. */
  readonly activity: () => readonly LoggedActivity[];
};

type Found = { readonly type: ContentType; readonly record: AnyRecord };

const MOST_LISTED = 8;
const MOST_ACTIVITY = 10;

export const sendDashboard = (
  { admin, content }: Bluejay,
  sources: DashboardSources,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply => {
  const session = sessionOf(request);
  const { account } = session;
  const types = content.types.filter((type) => type.kind === 'collection' && mayRead(account, type));
  const published = types.filter(({ lifecycle }) => lifecycle === 'publication');
  const body = html`<div class="cards">${types.filter(isCounted).map((type) => renderCard(content, type))}${can(account, 'leads') && renderMessages(sources.messages())}</div>
<div class="dashboard-columns">
${renderList('Scheduled', scheduledNext(content, published), ({ publishAtMs }) => publishAtMs, 'Nothing is waiting to be published.')}
${renderList('Drafts', newestDrafts(content, published), ({ updatedAtMs }) => updatedAtMs, 'There are no drafts.')}
${can(account, 'activity') && renderActivity(sources.activity())}
${renderLinks(types, account)}
</div>`;
  return admin.send(reply, { title: 'Dashboard', session, section: DASHBOARD.path, body });
};

/** What is published one by one, and what has a place of its own: not the categories of something. */
const isCounted = ({ lifecycle, admin }: ContentType): boolean => lifecycle === 'publication' || !/[/-]/.test(admin.path);

const renderCard = (content: Content, type: ContentType): Html => {
  const count = (status?: 'published' | 'draft' | 'scheduled'): number =>
    content.list(type, { perPage: 1, ...(status !== undefined && { status }) }).total;
  const address = `/admin/${type.admin.path}`;
  if (type.lifecycle === 'always')
    return html`<section class="card"><h2><a href="${address}">${type.label.many}</a></h2><p class="card-count">${count()}</p></section>`;
  const drafts = count('draft');
  const scheduled = count('scheduled');
  return html`<section class="card"><h2><a href="${address}">${type.label.many}</a></h2>
<p class="card-count">${count('published')} <small>published</small></p>
<p class="card-more"><a href="${address}?status=draft">${drafts} ${drafts === 1 ? 'draft' : 'drafts'}</a>${scheduled > 0 && html` · <a href="${address}?status=scheduled">${scheduled} scheduled</a>`}</p></section>`;
};

const renderMessages = ({
  total,
  unread,
  path,
}: ReturnType<
  DashboardSources['messages']
>): Html => html`<section class="card${unread > 0 && ' is-new'}"><h2><a href="${path}">Submissions</a></h2>
<p class="card-count">${unread} <small>new</small></p><p class="card-more">${total} in all</p></section>`;

const scheduledNext = (content: Content, types: readonly ContentType[]): readonly Found[] =>
  types
    .flatMap((type) => {
      const order = { by: 'publishedAt', direction: 'ascending' } as const;
      return content.list(type, { status: 'scheduled', order, perPage: MOST_LISTED }).records.map((record) => ({ type, record }));
    })
    .sort((one, other) => (one.record.publishAtMs ?? 0) - (other.record.publishAtMs ?? 0))
    .slice(0, MOST_LISTED);

const newestDrafts = (content: Content, types: readonly ContentType[]): readonly Found[] =>
  types
    .flatMap((type) => {
      const order = { by: 'updatedAt', direction: 'descending' } as const;
      return content.list(type, { status: 'draft', order, perPage: MOST_LISTED }).records.map((record) => ({ type, record }));
    })
    .sort((one, other) => other.record.updatedAtMs - one.record.updatedAtMs)
    .slice(0, MOST_LISTED);

const renderList = (
  heading: string,
  found: readonly Found[],
  momentOf: (record: AnyRecord) => number | null,
  nothing: string,
): Html =>
  html`<section class="box"><h2>${heading}</h2>${
    found.length === 0
      ? html`<p>${nothing}</p>`
      : html`<ul class="plain-list">${found.map(({ type, record }) => {
          const atMs = momentOf(record);
          return html`<li><a href="/admin/${type.admin.path}/${record.id}/edit">${titleOf(type, record)}</a> <span class="quiet">${type.label.one}${atMs !== null && html`, ${renderMoment(atMs)}`}</span></li>`;
        })}</ul>`
  }</section>`;

const renderActivity = (entries: readonly LoggedActivity[]): Html =>
  html`<section class="box"><h2>Recent activity</h2>${
    entries.length === 0
      ? html`<p>Nothing has happened yet.</p>`
      : html`<ul class="plain-list">${entries.slice(0, MOST_ACTIVITY).map(({ actorName, description, atMs }) => html`<li>${description} <span class="quiet">${actorName === '' ? 'System' : actorName}, ${renderMoment(atMs)}</span></li>`)}</ul>
<p><a href="/admin/activity">All activity</a></p>`
  }</section>`;

const renderLinks = (types: readonly ContentType[], account: Account): Html => {
  const creatable = types.filter((type) => type.lifecycle === 'publication' && mayCreate(account, type));
  return html`<section class="box"><h2>Begin</h2><ul class="plain-list">
${creatable.map((type) => html`<li><a href="/admin/${type.admin.path}/new">New ${inSentence(type.label.one)}</a></li>`)}
${can(account, 'media') && html`<li><a href="/admin/media">Upload pictures and files</a></li>`}
<li><a href="/" target="_blank" rel="noopener">Look at the site</a></li>
</ul></section>`;
};
