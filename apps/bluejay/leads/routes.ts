/** The panel's routes of what visitors sent. Personal data: all of them need the permission for leads. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ActivityAction } from '../accounts/activity.ts';
import { sessionOf } from '../accounts/session.ts';
import { idSent, textSent, textsSent } from '../admin/sent.ts';
import type { Routes } from '../bluejay.ts';
import { contentGone } from '../content/errors.ts';
import { html } from '../html/html.ts';
import { whitepaper } from '../types/index.ts';
import { renderDownloads, renderSubmissions } from './csv.ts';
import { downloadAddress, type DownloadFilter, LEADS_PATH, renderDownloadList, renderErasure } from './download-screens.ts';
import { type DownloadQuery, openDownloads } from './downloads.ts';
import { countPersonalData, erasePersonalData } from './personal-data.ts';
import { addressOf, renderSubmission, renderSubmissionList, SUBMISSIONS_PATH } from './submission-screens.ts';
import { openSubmissions, STATUSES, type Submission, type SubmissionQuery } from './submissions.ts';

const DAY_MS = 86_400_000;
const MOST_WHITEPAPERS = 500;

export const leadRoutes: Routes = (server, bluejay) => {
  const { admin, activity, content, database, now, sessions } = bluejay;
  const submissions = openSubmissions(database, now);
  const downloads = openDownloads(database, now);
  const preHandler = sessions.require('leads');
  const note = (
    request: FastifyRequest,
    action: ActivityAction,
    what: { id: number | null; title: string; description: string },
  ): void => {
    const { id, name } = sessionOf(request).account;
    activity.record({
      actor: { id, name },
      action,
      resource: 'lead',
      resourceId: what.id,
      title: what.title,
      description: what.description,
    });
  };
  const asked = (request: FastifyRequest): Submission => {
    const id = idSent(textSent(request.params, 'id'));
    const submission = id === undefined ? undefined : submissions.find(id);
    if (submission === undefined) throw contentGone('message');
    return submission;
  };

  server.get(SUBMISSIONS_PATH, { preHandler }, (request, reply) => {
    const session = sessionOf(request);
    const query = parseQuery(request.query);
    return admin.send(reply, {
      title: 'Messages',
      session,
      section: SUBMISSIONS_PATH,
      notice: noticeOf(request, { deleted: 'Deleted.', read: 'Marked as read.' }),
      actions: html`<a class="button" href="${addressOf({ ...query, page: 1 }, `${SUBMISSIONS_PATH}.csv`)}">Export</a>`,
      body: renderSubmissionList({ session, admin }, query, submissions.list(query)),
    });
  });
  server.get(`${SUBMISSIONS_PATH}.csv`, { preHandler }, (request, reply) => {
    const rows = submissions.all(parseQuery(request.query));
    note(request, 'exported', { id: null, title: 'messages', description: `Exported ${rows.length} messages` });
    return sendCsv(reply, 'messages', renderSubmissions(rows));
  });
  server.post(`${SUBMISSIONS_PATH}/bulk-mark-read`, { preHandler }, (request, reply) => {
    const ids = textsSent(request.body, 'id').flatMap((text) => idSent(text) ?? []);
    const count = submissions.markRead(ids);
    note(request, 'updated', { id: null, title: 'messages', description: `Marked ${count} messages as read` });
    return reply.redirect(`${SUBMISSIONS_PATH}?done=read`, 303);
  });
  server.get(`${SUBMISSIONS_PATH}/:id`, { preHandler }, (request, reply) => {
    const session = sessionOf(request);
    const found = asked(request);
    // Whoever opens it has read it.
    if (found.status === 'new') submissions.markRead([found.id]);
    const submission = found.status === 'new' ? { ...found, status: 'read' as const } : found;
    return admin.send(reply, {
      title: `Message of ${submission.name}`,
      session,
      section: SUBMISSIONS_PATH,
      notice: noticeOf(request, { saved: 'Saved.' }),
      body: renderSubmission({ session, admin }, submission, submissions.neighbours(submission.id)),
    });
  });
  server.post(`${SUBMISSIONS_PATH}/:id/status`, { preHandler }, (request, reply) => {
    const submission = asked(request);
    const status = STATUSES.find((one) => one === textSent(request.body, 'status')) ?? submission.status;
    submissions.update(submission.id, { status, notes: textSent(request.body, 'notes').slice(0, 5_000) });
    const description = `Set the message of ${submission.name} to ${status}`;
    note(request, 'updated', { id: submission.id, title: submission.name, description });
    return reply.redirect(`${SUBMISSIONS_PATH}/${submission.id}?done=saved`, 303);
  });
  const remove = (request: FastifyRequest): void => {
    const submission = asked(request);
    submissions.remove(submission.id);
    note(request, 'deleted', {
      id: submission.id,
      title: submission.name,
      description: `Deleted the message of ${submission.name}`,
    });
  };
  server.delete(`${SUBMISSIONS_PATH}/:id`, { preHandler }, (request, reply) => {
    remove(request);
    return reply.code(204).send();
  });
  server.post(`${SUBMISSIONS_PATH}/:id/delete`, { preHandler }, (request, reply) => {
    remove(request);
    return reply.redirect(`${SUBMISSIONS_PATH}?done=deleted`, 303);
  });

  const sendDownloads = (request: FastifyRequest, reply: FastifyReply, whitepaperId?: number): FastifyReply => {
    const filter = parseFilter(request.query, whitepaperId);
    const choices = content
      .list(whitepaper, { perPage: MOST_WHITEPAPERS })
      .records.map(({ id, fields }) => ({ id, title: fields.title }));
    return admin.send(reply, {
      title: 'Leads',
      session: sessionOf(request),
      section: LEADS_PATH,
      actions: html`<a class="button" href="${downloadAddress({ ...filter, page: 1 }, `${LEADS_PATH}.csv`)}">Export</a> <a class="button" href="${LEADS_PATH}/erase">Erase a person</a>`,
      body: renderDownloadList(filter, downloads.list(downloadQuery(filter)), choices),
    });
  };
  server.get(LEADS_PATH, { preHandler }, (request, reply) => sendDownloads(request, reply));
  server.get('/admin/whitepapers/:id/downloads', { preHandler }, (request, reply) =>
    sendDownloads(request, reply, idSent(textSent(request.params, 'id')) ?? -1),
  );
  server.get(`${LEADS_PATH}.csv`, { preHandler }, (request, reply) => {
    const rows = downloads.all(downloadQuery(parseFilter(request.query)));
    note(request, 'exported', { id: null, title: 'leads', description: `Exported ${rows.length} leads` });
    return sendCsv(reply, 'leads', renderDownloads(rows));
  });
  server.get(`${LEADS_PATH}/erase`, { preHandler }, (request, reply) => {
    const session = sessionOf(request);
    const email = textSent(request.query, 'email');
    const found = email === '' ? undefined : countPersonalData(database, email);
    return admin.send(reply, {
      title: 'Erase a person',
      session,
      section: LEADS_PATH,
      notice: noticeOf(request, { erased: 'Erased.' }),
      body: renderErasure({ session, admin }, email, found),
    });
  });
  server.post(`${LEADS_PATH}/erase`, { preHandler }, (request, reply) => {
    const { submissions: messages, downloads: others } = erasePersonalData(database, textSent(request.body, 'email'));
    // Not whose: the log is kept, the person is not.
    const description = `Erased a person: ${messages} messages and ${others} downloads`;
    note(request, 'deleted', { id: null, title: 'a person', description });
    return reply.redirect(`${LEADS_PATH}/erase?done=erased`, 303);
  });
};

const parseQuery = (query: unknown): SubmissionQuery => {
  const tab = (['contact', 'rfq', 'new'] as const).find((one) => one === textSent(query, 'tab'));
  const status = STATUSES.find((one) => one === textSent(query, 'status'));
  const search = textSent(query, 'q').slice(0, 100);
  return {
    ...(tab !== undefined && { tab }),
    ...(status !== undefined && { status }),
    ...(search !== '' && { search }),
    page: Math.min(idSent(textSent(query, 'page')) ?? 1, 1_000_000),
  };
};

const parseFilter = (query: unknown, whitepaperId = idSent(textSent(query, 'whitepaper'))): DownloadFilter => {
  const day = (name: string): string =>
    Number.isNaN(Date.parse(textSent(query, name))) ? '' : textSent(query, name).slice(0, 10);
  return {
    whitepaper: whitepaperId,
    from: day('from'),
    to: day('to'),
    page: Math.min(idSent(textSent(query, 'page')) ?? 1, 1_000_000),
  };
};

/** Days are whole ones, in UTC. */
const downloadQuery = ({ whitepaper: id, from, to, page }: DownloadFilter): DownloadQuery => ({
  ...(id !== undefined && { whitepaper: id }),
  ...(from !== '' && { fromMs: Date.parse(from) }),
  ...(to !== '' && { untilMs: Date.parse(to) + DAY_MS }),
  page,
});

const sendCsv = (reply: FastifyReply, name: string, text: string): FastifyReply =>
  reply
    .headers({ 'Cache-Control': 'no-store', 'Content-Disposition': `attachment; filename="${name}.csv"` })
    .type('text/csv; charset=utf-8')
    .send(text);

const noticeOf = (request: FastifyRequest, texts: Readonly<Record<string, string>>) => {
  const text = Object.entries(texts).find(([name]) => name === textSent(request.query, 'done'))?.[1];
  return text === undefined ? undefined : ({ kind: 'success', text } as const);
};
