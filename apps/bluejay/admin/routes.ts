/** The panel: dashboard, search, and the screens that every declared type gets. */
import { openActivity } from '../accounts/activity-log.ts';
import { sessionOf } from '../accounts/session.ts';
import type { Bluejay, Routes } from '../bluejay.ts';
import { html } from '../html/html.ts';
import { SUBMISSIONS_PATH } from '../leads/submission-screens.ts';
import { openSubmissions } from '../leads/submissions.ts';
import { answerErrors } from './answer-errors.ts';
import { type DashboardSources, sendDashboard } from './dashboard.ts';
import { sendFound } from './find.ts';
import { referenceRoutes } from './form/reference-routes.ts';
import { workingCopyRoutes } from './form/working-copy-routes.ts';
import { registerList } from './list/list-routes.ts';
import { renderShortcuts } from './open-frame.ts';
import { registerRecords } from './record/record-routes.ts';
import { registerRevisions } from './revisions/revision-routes.ts';
import { DASHBOARD, sidebarOf } from './sidebar.ts';

export const adminRoutes: Routes = async (server, bluejay) => {
  const guard = { preHandler: bluejay.sessions.require('panel') };
  const sources = sourcesOf(bluejay);
  await server.register(async (scope) => {
    answerErrors(scope, bluejay);
    scope.get('/admin', guard, async (_request, reply) => reply.redirect(DASHBOARD.path, 303));
    scope.get(DASHBOARD.path, guard, async (request, reply) => sendDashboard(bluejay, sources, { request, reply }));
    scope.get('/admin/find', guard, async (request, reply) => sendFound(bluejay, { request, reply }));
    scope.get('/admin/shortcuts', guard, async (request, reply) => {
      const session = sessionOf(request);
      const body = html`<div class="box">${renderShortcuts(sidebarOf(bluejay.content.types, session.account))}</div>`;
      return bluejay.admin.send(reply, { title: 'Keyboard', session, section: '', body });
    });
    await referenceRoutes(scope, bluejay);
    await workingCopyRoutes(scope, bluejay);
    for (const type of bluejay.content.types) {
      if (type.kind !== 'singleton') registerList(scope, bluejay, type);
      registerRecords(scope, bluejay, type);
      registerRevisions(scope, bluejay, type);
    }
  });
};

const sourcesOf = (bluejay: Bluejay): DashboardSources => {
  const submissions = openSubmissions(bluejay.database, bluejay.now);
  const activity = openActivity(bluejay);
  return {
    messages: () => {
      const { all, new: unread } = submissions.counts();
      return { total: all, unread, path: SUBMISSIONS_PATH };
    },
    activity: () => activity.list({ page: 1 }).entries,
  };
};
