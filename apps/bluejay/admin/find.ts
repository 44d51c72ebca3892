/** /admin/find: a screen or a record by a few letters. The fragment fills the command palette, the page does without a script. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Account, sessionOf } from '../accounts/session.ts';
import type { Bluejay } from '../bluejay.ts';
import type { ContentType } from '../content/content-type.ts';
import type { Content } from '../content/content.ts';
import { html, type Html } from '../html/html.ts';
import { mayCreate, mayRead } from './access.ts';
import { inSentence, titleOf } from '../content/title.ts';
import { textSent } from './sent.ts';
import { DASHBOARD, sidebarOf } from './sidebar.ts';

type Hit = { readonly label: string; readonly kind: string; readonly path: string };

const MOST_RECORDS_PER_TYPE = 4;
const MOST_RECORDS = 16;
const MOST_SCREENS = 6;

export const sendFound = (
  { admin, content }: Bluejay,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
): FastifyReply => {
  const session = sessionOf(request);
  const words = textSent(request.query, 'q').slice(0, 100);
  const hits = [...findScreens(content.types, session.account, words), ...findRecords(content, session.account, words)];
  const list = renderHits(hits, words);
  if (request.headers['hx-request'] === 'true')
    return reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(list.html);
  const body = html`<form class="filters" method="get" action="/admin/find" role="search">
<div class="filter"><label for="find-words">Words</label><input id="find-words" type="search" name="q" value="${words}" maxlength="100" data-shortcut="search"></div>
<button class="button" type="submit">Find</button></form>${list}`;
  return admin.send(reply, { title: 'Find', session, section: '/admin/find', body });
};

/** Screens whose name contains all the words; without words, the first of the sidebar. */
const findScreens = (types: readonly ContentType[], account: Account, words: string): readonly Hit[] => {
  const wanted = words.toLowerCase().split(/\s+/);
  const screens = sidebarOf(types, account).flatMap(({ areas }) =>
    areas.flatMap((area) =>
      area.entries.map(({ label, path }) => ({
        path,
        kind: 'Screen',
        label: label === area.label ? label : `${area.label}: ${label}`,
      })),
    ),
  );
  const creations = types
    .filter((type) => mayCreate(account, type))
    .map((type) => ({ label: `New ${inSentence(type.label.one)}`, kind: 'Create', path: `/admin/${type.admin.path}/new` }));
  return [{ ...DASHBOARD, kind: 'Screen' }, ...screens, ...(words === '' ? [] : creations)]
    .filter(({ label }) => wanted.every((word) => label.toLowerCase().includes(word)))
    .slice(0, MOST_SCREENS);
};

const findRecords = (content: Content, account: Account, words: string): readonly Hit[] => {
  if (words === '') return [];
  return content.types
    .filter((type) => type.kind !== 'singleton' && type.fields[type.title]?.kind === 'text' && mayRead(account, type))
    .flatMap((type) =>
      content.list(type, { search: words, perPage: MOST_RECORDS_PER_TYPE }).records.map((record) => ({
        label: titleOf(type, record),
        kind: type.label.one,
        path: `/admin/${type.admin.path}/${record.id}/edit`,
      })),
    )
    .slice(0, MOST_RECORDS);
};

const renderHits = (hits: readonly Hit[], words: string): Html =>
  hits.length === 0
    ? html`<p class="empty">Nothing is called “${words}”.</p>`
    : html`<ul class="hits">${hits.map(({ label, kind, path }) => html`<li><a href="${path}"><span>${label}</span> <span class="quiet">${kind}</span></a></li>`)}</ul>`;
