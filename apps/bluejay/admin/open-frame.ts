/** The frame around every screen of the panel: head, sidebar, bar with the account, notice, and what the keyboard opens. */
import type { FastifyReply } from 'fastify';
import type { Account, Session } from '../accounts/session.ts';
import type { ContentType } from '../content/content-type.ts';
import { assetPath } from '../html/assets.ts';
import { attribute, html, type Html } from '../html/html.ts';
import { icon } from '../html/icons.ts';
import type { AdminFrame, AdminScreen } from './admin-page.ts';
import { DASHBOARD, type SidebarArea, type SidebarGroup, sidebarOf } from './sidebar.ts';

export type AdminFrameOptions = {
  readonly types: readonly ContentType[];
  /** Asked with every screen: the name of the site can be changed while it runs. */
  readonly siteName: () => string;
};

export const createAdminFrame = ({ types, siteName }: AdminFrameOptions): AdminFrame => ({
  send(reply: FastifyReply, screen: AdminScreen): FastifyReply {
    const page = renderScreen(screen, sidebarOf(types, screen.session.account), siteName());
    return reply
      .code(screen.status ?? 200)
      .headers({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
      .type('text/html; charset=utf-8')
      .send(page.html);
  },
  csrfInput,
});

const csrfInput = (session: Session): Html => html`<input type="hidden" name="_csrf" value="${session.csrf}">`;

const renderScreen = (screen: AdminScreen, groups: readonly SidebarGroup[], siteName: string): Html => {
  const { title, session, section, notice, actions, body } = screen;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="csrf-token" content="${session.csrf}">
<title>${title} · ${siteName}</title>
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="${assetPath('admin.css')}">
<script type="module" src="${assetPath('admin.ts')}"></script>
</head>
<body class="panel">
<a class="skip-link" href="#main">Skip to the content</a>
<header class="top-bar">
<a class="menu-button" href="#sidebar">${icon('menu')}<span>Menu</span></a>
<a class="top-bar-name" href="${DASHBOARD.path}">${siteName}</a>
<a class="find-button" href="/admin/find" data-opens="palette">${icon('search')}<span>Find</span><kbd>Ctrl K</kbd></a>
<a class="view-site" href="/" target="_blank" rel="noopener">View site</a>
${accountMenu(session)}
</header>
<nav class="sidebar" id="sidebar" aria-label="Panel" tabindex="-1">
<a class="sidebar-close" href="#main">${icon('close')}<span>Close menu</span></a>
<ul class="sidebar-top"><li>${link({ ...DASHBOARD, isCurrent: section === DASHBOARD.path, key: 'd' })}</li></ul>
${groups.map((group) => renderGroup(group, section))}
</nav>
<main class="screen" id="main" tabindex="-1">
<div class="screen-head">
<h1>${title}</h1>
${actions !== undefined && html`<div class="screen-actions">${actions}</div>`}
</div>
${notice !== undefined && html`<p class="notice notice-${notice.kind}" role="${notice.kind === 'error' ? 'alert' : 'status'}">${notice.text}</p>`}
${body}
</main>
${palette()}
${shortcuts(groups)}
</body>
</html>
`;
};

const renderGroup = (
  { name, label, areas }: SidebarGroup,
  section: string,
): Html => html`<details class="sidebar-group" data-group="${name}" open>
<summary>${label}</summary>
<ul>${areas.map((area) => renderArea(area, section))}</ul>
</details>`;

const renderArea = ({ label, path, key, entries }: SidebarArea, section: string): Html => {
  const isOpen = entries.some((entry) => entry.path === section);
  if (entries.length === 1) return html`<li>${link({ label, path, key, isCurrent: isOpen })}</li>`;
  return html`<li>${link({ label, path, key, isCurrent: false, isOpen })}
${isOpen && html`<ul>${entries.map((entry) => html`<li>${link({ ...entry, isCurrent: entry.path === section })}</li>`)}</ul>`}</li>`;
};

const link = (entry: {
  readonly label: string;
  readonly path: string;
  readonly isCurrent: boolean;
  readonly isOpen?: boolean;
  readonly key?: string;
}): Html =>
  html`<a href="${entry.path}"${entry.isOpen === true && html` class="is-open"`}${attribute(
    'aria-current',
    entry.isCurrent ? 'page' : null,
  )}${attribute('data-go', entry.key === '' ? null : entry.key)}>${entry.label}</a>`;

const ROLE_NAMES: Readonly<Record<Account['role'], string>> = {
  admin: 'Administrator',
  editor: 'Editor',
  author: 'Author',
  viewer: 'Viewer',
};

const accountMenu = (session: Session): Html => html`<details class="account-menu">
<summary>${icon('menu', { class: 'only-small' })}<span>${session.account.name}</span></summary>
<div class="account-menu-sheet">
<p><strong>${session.account.name}</strong><br>${session.account.email}<br>${ROLE_NAMES[session.account.role]}</p>
<ul><li><a href="/admin/account">Your account</a></li><li><a href="/admin/shortcuts" data-opens="shortcuts">Keyboard shortcuts</a></li></ul>
<form method="post" action="/admin/logout">${csrfInput(session)}<button class="button button-small" type="submit">Log out</button></form>
</div>
</details>`;

const palette = (): Html => html`<dialog class="palette" id="palette" aria-label="Find a screen or a record">
<form method="get" action="/admin/find" role="search">
<label for="palette-words">Find a screen or a record</label>
<input id="palette-words" name="q" type="search" autocomplete="off" maxlength="100" aria-controls="palette-hits">
<button class="visually-hidden" type="submit">Find</button>
</form>
<div id="palette-hits" class="palette-hits" aria-live="polite"></div>
</dialog>`;

const shortcuts = (
  groups: readonly SidebarGroup[],
): Html => html`<dialog class="shortcuts" id="shortcuts" aria-label="Keyboard shortcuts">
${renderShortcuts(groups)}
<form method="dialog"><button class="button button-small" type="submit">Close</button></form>
</dialog>`;

/** What the keyboard does, as a list: in the dialog of every screen, and on a screen of its own for who has no script. */
export const renderShortcuts = (groups: readonly SidebarGroup[]): Html => {
  const rows: readonly (readonly [string, string])[] = [
    ['Ctrl K', 'Find a screen or a record'],
    ['Ctrl S', 'Save what is being edited'],
    ['?', 'Show this list'],
    ['/', 'Search in a list'],
    ['n', 'New record of the list'],
    ['g d', DASHBOARD.label],
    ...groups.flatMap(({ areas }) => areas.filter(({ key }) => key !== '').map(({ key, label }) => [`g ${key}`, label] as const)),
  ];
  return html`<h2>Keyboard shortcuts</h2>
<dl class="shortcut-list">${rows.map(
    ([keys, what]) => html`<div><dt>${keys.split(' ').map((key) => html`<kbd>${key}</kbd>`)}</dt><dd>${what}</dd></div>`,
  )}</dl>`;
};
