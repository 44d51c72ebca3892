/** The library in the panel: list, picker, description, removal, previews. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionOf } from '../accounts/session.ts';
import type { Routes } from '../bluejay.ts';
import { ContentError, contentGone } from '../content/errors.ts';
import { describeFile } from './file-facts.ts';
import { idOf } from './file-routes.ts';
import { renderEdit, renderEditActions } from './edit-screen.ts';
import { renderLibrary, renderLibraryActions } from './library-screen.ts';
import { readListQuery, readView } from './list-address.ts';
import type { MediaDescription, MediaFile } from './media.ts';
import { renderPicker } from './picker.ts';
import { sendFile } from './send-file.ts';

const SECTION = '/admin/media';

export const libraryRoutes: Routes = (server, bluejay) => {
  const { media, sessions, admin } = bluejay;
  const behindSession = { preHandler: sessions.require('media') };
  const get = (request: FastifyRequest): MediaFile => {
    const file = media.find(idOfRequest(request));
    if (file === undefined) throw contentGone('file');
    return file;
  };

  server.get(SECTION, behindSession, (request, reply) => {
    const session = sessionOf(request);
    const query = readListQuery(request.query);
    return admin.send(reply, {
      title: 'Media',
      section: SECTION,
      session,
      actions: renderLibraryActions(),
      body: renderLibrary({ query, view: readView(request.query), found: media.list(query), csrf: session.csrf }),
      notice: noticeOf(request),
    });
  });

  server.get(`${SECTION}/browse`, behindSession, (request, reply) => {
    const query = readListQuery(request.query);
    return fragment(reply, renderPicker(query, media.list(query)).html);
  });

  server.get(`${SECTION}/:id`, behindSession, (request) => describeFile(bluejay, get(request)));

  server.put(`${SECTION}/:id`, behindSession, (request) => {
    const change = readDescription(request.body);
    return describeFile(bluejay, media.describe(idOfRequest(request), change, sessionOf(request).account));
  });

  server.delete(`${SECTION}/:id`, behindSession, async (request, reply) => {
    await media.remove(idOfRequest(request), sessionOf(request).account);
    return await reply.code(204).send();
  });

  server.get(`${SECTION}/:id/edit`, behindSession, (request, reply) => {
    const session = sessionOf(request);
    const file = get(request);
    return admin.send(reply, {
      title: file.originalName,
      section: SECTION,
      session,
      actions: renderEditActions(),
      body: renderEdit({ bluejay, file, csrf: session.csrf }),
      notice: noticeOf(request),
    });
  });

  server.post(`${SECTION}/:id`, behindSession, (request, reply) => {
    const file = get(request);
    media.describe(file.id, readForm(request.body), sessionOf(request).account);
    return reply.redirect(`${SECTION}/${file.id}/edit?saved=1`, 303);
  });

  server.post(`${SECTION}/:id/delete`, behindSession, async (request, reply) => {
    await media.remove(idOfRequest(request), sessionOf(request).account);
    return await reply.redirect(`${SECTION}?deleted=1`, 303);
  });

  server.get(`${SECTION}/:id/preview`, behindSession, async (request, reply) => {
    const { width } = request.query as { readonly width?: string };
    const file = media.files.preview(get(request).id, Number(width) || 320);
    const sent = file && (await sendFile(request, reply, { file, caching: 'private, no-cache' }));
    if (sent === undefined) throw contentGone('preview');
    return sent;
  });
};

const idOfRequest = (request: FastifyRequest): number => idOf((request.params as { readonly id?: string }).id ?? '');

const fragment = (reply: FastifyReply, html: string): FastifyReply =>
  reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8').send(html);

const noticeOf = (request: FastifyRequest): { readonly kind: 'success'; readonly text: string } | undefined => {
  const { saved, deleted, uploaded } = request.query as Readonly<Record<string, string | undefined>>;
  if (saved !== undefined) return { kind: 'success', text: 'Saved.' };
  if (deleted !== undefined) return { kind: 'success', text: 'Deleted.' };
  const count = Number(uploaded);
  return Number.isSafeInteger(count) && count > 0
    ? { kind: 'success', text: count === 1 ? '1 file uploaded.' : `${count} files uploaded.` }
    : undefined;
};

/** `{"alt_text", "decorative", "focal": {"x", "y"}}`, each of them optional. */
const readDescription = (body: unknown): MediaDescription => {
  const { alt_text: alt, decorative, focal } = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  if (alt !== undefined && typeof alt !== 'string') throw invalid('alt_text has to be a text');
  if (decorative !== undefined && typeof decorative !== 'boolean') throw invalid('decorative has to be true or false');
  if (alt === undefined && decorative === undefined && focal === undefined) throw invalid('nothing to change was sent');
  return {
    ...(alt !== undefined && { alt }),
    ...(decorative !== undefined && { isDecorative: decorative }),
    ...(focal !== undefined && { focal: readFocal(focal) }),
  };
};

const readFocal = (given: unknown): { readonly x: number; readonly y: number } => {
  const { x, y } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (typeof x !== 'number' || typeof y !== 'number') throw invalid('focal has to be {"x": 0 to 100, "y": 0 to 100}');
  return { x, y };
};

const readForm = (body: unknown): MediaDescription => {
  const sent = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>;
  const text = (name: string): string | undefined => {
    const value: unknown = Array.isArray(sent[name]) ? sent[name].at(-1) : sent[name];
    return typeof value === 'string' ? value : undefined;
  };
  const [alt, decorative, x, y] = ['alt', 'decorative', 'focalX', 'focalY'].map((name) => text(name));
  return {
    ...(alt !== undefined && { alt }),
    ...(decorative !== undefined && { isDecorative: decorative === '1' }),
    ...(x !== undefined && y !== undefined && x !== '' && y !== '' && { focal: { x: Number(x), y: Number(y) } }),
  };
};

const invalid = (message: string): ContentError => new ContentError('CONTENT_INVALID', 400, message);
