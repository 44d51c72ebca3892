/** /admin/activity: who did what. There is nothing to change here, nor anywhere else. */
import { renderMoment } from '../admin/moment.ts';
import { idSent, textSent } from '../admin/sent.ts';
import type { Routes } from '../bluejay.ts';
import { attribute, html, type Html } from '../html/html.ts';
import type { ActivityAction } from './activity.ts';
import { type ActivityQuery, type LoggedActivity, openActivity } from './activity-log.ts';
import { sessionOf } from './session.ts';
import { openSessions } from './sessions.ts';

const ACTIVITY = '/admin/activity';

const ACTIONS: Readonly<Record<ActivityAction, string>> = {
  created: 'Created',
  updated: 'Updated',
  deleted: 'Deleted',
  published: 'Published',
  unpublished: 'Unpublished',
  restored: 'Restored',
  exported: 'Exported',
  login: 'Login',
  logout: 'Logout',
  login_failed: 'Failed login',
};

export const activityRoutes: Routes = (server, bluejay) => {
  const log = openActivity(bluejay);
  server.get(ACTIVITY, { preHandler: openSessions(bluejay).require('activity') }, (request, reply) => {
    const query = parseQuery(request.query);
    const { entries, total, page, pages } = log.list(query);
    const body = html`${renderFilters(query)}
<p>${total} ${total === 1 ? 'entry' : 'entries'}</p>
<section class="table-scroll" tabindex="0" aria-label="Activity">
<table class="records">
<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Action</th><th scope="col">What</th></tr></thead>
<tbody>${entries.map(renderEntry)}</tbody>
</table></section>
${pages > 1 && renderPages(query, page, pages)}`;
    return bluejay.admin.send(reply, { title: 'Activity', session: sessionOf(request), section: ACTIVITY, body });
  });
};

const parseQuery = (query: unknown): ActivityQuery => {
  const action = textSent(query, 'action');
  return {
    action: Object.keys(ACTIONS).find((one): one is ActivityAction => one === action),
    text: textSent(query, 'q').slice(0, 100),
    page: idSent(textSent(query, 'page')) ?? 1,
  };
};

const renderFilters = ({
  action,
  text = '',
}: ActivityQuery): Html => html`<form class="filters" method="get" action="${ACTIVITY}" role="search" aria-label="Activity">
<div class="filter"><label for="list-search">Search</label><input id="list-search" type="search" name="q" value="${text}" maxlength="100" data-shortcut="search"></div>
<div class="filter"><label for="filter-action">Action</label><select id="filter-action" name="action" data-submits>
<option value="">All</option>
${Object.entries(ACTIONS).map(([value, label]) => html`<option value="${value}"${attribute('selected', value === action)}>${label}</option>`)}
</select></div>
<button class="button" type="submit">Filter</button>
${(action !== undefined || text !== '') && html`<a class="filters-clear" href="${ACTIVITY}">Show all</a>`}
</form>`;

const renderEntry = (entry: LoggedActivity): Html => html`<tr>
<td data-label="When">${renderMoment(entry.atMs)}</td>
<td data-label="Who">${entry.actorName === '' ? 'System' : entry.actorName}</td>
<td data-label="Action">${ACTIONS[entry.action]}</td>
<td data-label="What">${entry.description}${namesTitle(entry) ? '' : html`: ${entry.title}`}</td>
</tr>`;

/** Whether the line says already what it is about. */
const namesTitle = ({ description, title, actorName }: LoggedActivity): boolean =>
  description.includes(title) || title === actorName;

const renderPages = (query: ActivityQuery, page: number, pages: number): Html => {
  const path = (to: number): string => {
    const { action = '', text = '' } = query;
    return `${ACTIVITY}?${new URLSearchParams({ ...(text !== '' && { q: text }), ...(action !== '' && { action }), page: String(to) })}`;
  };
  return html`<nav class="pages" aria-label="Pages">
${page > 1 && html`<a href="${path(page - 1)}" rel="prev">Newer</a>`}
<span>Page ${page} of ${pages}</span>
${page < pages && html`<a href="${path(page + 1)}" rel="next">Older</a>`}
</nav>`;
};
