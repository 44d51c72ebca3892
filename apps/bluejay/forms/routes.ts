/** POST /contact/submit and POST /whitepapers/:slug/download: what visitors send. */
import type { FastifyRequest } from 'fastify';
import type { Bluejay, Routes } from '../bluejay.ts';
import { lineOf } from '../content/typed-text.ts';
import { html, type Html } from '../html/html.ts';
import { openDownloads } from '../leads/downloads.ts';
import { networkOf } from '../leads/network.ts';
import { INQUIRIES, openSubmissions } from '../leads/submissions.ts';
import type { Media } from '../media/media.ts';
import type { SiteFrame } from '../site/site-frame.ts';
import { CONTACT_SHOWN, contactPage } from '../site/stories/contact-page.ts';
import { WHITEPAPER_SHOWN, whitepaperPageOf } from '../site/stories/whitepapers/whitepaper-page.ts';
import { whitepaper } from '../types/whitepaper.ts';
import { createFormDesk, type FormParts } from './answer-form.ts';
import { CONTACT_FORM, contactFields, kindOf } from './contact-form.ts';
import { type FormValues, formBodyOf } from './form-fields.ts';
import { renderDone } from './render-form.ts';
import { whitepaperAction, WHITEPAPER_FIELDS, whitepaperForm } from './whitepaper-form.ts';

const DAY_MS = 86_400_000;
/** Characters of a User-Agent that are kept. */
const MOST_AGENT = 300;

export type FormRoutesParts = Omit<FormParts, 'site' | 'instruments'> & {
  readonly site: Pick<SiteFrame, 'answer' | 'failed' | 'context' | 'notFound'>;
  readonly media: Pick<Media, 'find' | 'signedPath'>;
  readonly instruments: Pick<Bluejay['instruments'], 'rateLimited' | 'submissions'>;
};

export const formRoutes = (server: Parameters<Routes>[0], parts: FormRoutesParts): void => {
  const { env, database, site, media, log, now, instruments } = parts;
  const desk = createFormDesk(parts);
  const submissions = openSubmissions(database, now);
  const downloads = openDownloads(database, now);
  const senderOf = ({ socket, headers }: FastifyRequest) => ({
    network: networkOf(env.addressOf(socket.remoteAddress, headers['x-forwarded-for'])),
    userAgent: lineOf(headers['user-agent'] ?? '').slice(0, MOST_AGENT),
  });

  server.post('/contact/submit', (request, reply) => {
    const sent = formBodyOf(request.body);
    const kind = kindOf(sent['submission_type']);
    const context = site.context(request);
    return desk.answer(request, reply, {
      form: CONTACT_FORM,
      fields: contactFields(kind),
      shown: CONTACT_SHOWN[kind],
      body: { ...sent, submission_type: kind },
      page: (content) => contactPage(context, { kind, content }),
      pretend: () => thanks,
      accept(values) {
        const inquiry = INQUIRIES.find((one) => one === values['inquiry_type']) ?? 'other';
        const product = values['product'] ?? '';
        const id = submissions.add({
          ...person(values),
          phone: values['phone'] ?? '',
          message: values['message'] ?? '',
          inquiry,
          kind,
          product,
          ...senderOf(request),
        });
        instruments.submissions.with({ kind }).increment();
        log.info('message_received', { id, kind, inquiry });
        return thanks;
      },
    });
  });

  server.post<{ Params: { slug: string } }>('/whitepapers/:slug/download', (request, reply) => {
    const context = site.context(request);
    const record = context.view.bySlug(whitepaper, request.params.slug);
    const file = record?.fields.file ?? null;
    if (record === undefined || file === null || media.find(file) === undefined) return site.notFound(request, reply);
    return desk.answer(request, reply, {
      form: whitepaperForm(record.id),
      fields: WHITEPAPER_FIELDS,
      shown: { ...WHITEPAPER_SHOWN, action: whitepaperAction(record.slug) },
      body: formBodyOf(request.body),
      page: (content) => whitepaperPageOf(context, record, { content, media }),
      // The same to look at; nothing answers it.
      pretend: () => link(media.signedPath(file, 0)),
      accept(values) {
        const id = downloads.add({
          ...person(values),
          whitepaper: record.id,
          whitepaperTitle: record.fields.title,
          designation: values['designation'] ?? '',
          hasConsented: values['marketing_consent'] === '1',
          ...senderOf(request),
        });
        instruments.submissions.with({ kind: 'whitepaper' }).increment();
        log.info('lead_received', { id, whitepaper: record.id });
        return link(media.signedPath(file, now() + DAY_MS));
      },
    });
  });

  // Where somebody lands who reloads the answer by its address.
  server.get('/contact/submit', (_request, reply) => reply.redirect('/contact', 303));
  server.get<{ Params: { slug: string } }>('/whitepapers/:slug/download', (request, reply) =>
    reply.redirect(`/whitepapers/${encodeURIComponent(request.params.slug)}`, 303),
  );
};

const person = (values: FormValues) => ({
  name: values['name'] ?? '',
  email: values['email'] ?? '',
  company: values['company'] ?? '',
});

const thanks: Html = renderDone(
  'Thank you. Your message is on its way to a person.',
  html`<p>We answer by mail or by phone, as soon as we can.</p>`,
);

const link = (path: string): Html =>
  renderDone(
    'Thank you. Here it is.',
    html`<p class="buttons"><a class="button button-primary" href="${path}">Download the whitepaper</a></p>
<p class="small">This link is yours, and works for 24 hours.</p>`,
  );
