/** Files on their way in: as many as a form has, one after the other, and a sentence for each that was not taken. */
import fastifyMultipart, { type Multipart } from '@fastify/multipart';
import { prefersHtml } from '@berth/kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionOf } from '../accounts/session.ts';
import type { Bluejay, Routes } from '../bluejay.ts';
import { ContentError } from '../content/errors.ts';
import { html, type Html } from '../html/html.ts';
import { DOCUMENT_LIMIT_BYTES } from './file-format.ts';
import { idOf } from './file-routes.ts';
import { describeFile } from './file-facts.ts';
import type { MediaFile } from './media.ts';

type Refused = { readonly name: string; readonly error: ContentError };
type Received = { readonly files: readonly MediaFile[]; readonly refused: readonly Refused[] };
type Take = (upload: {
  readonly name: string;
  readonly content: Extract<Multipart, { type: 'file' }>['file'];
  readonly alt: string;
}) => Promise<MediaFile>;

const SECTION = '/admin/media';
const MOST_FILES = 200;
const MOST_BYTES = 200 * 2 ** 20;

export const uploadRoutes: Routes = async (server, bluejay) => {
  const { media, sessions } = bluejay;
  const options = { preHandler: sessions.require('media'), bodyLimit: MOST_BYTES };
  await server.register(async (scope) => {
    // One byte more than may be: the library then says so, in a sentence.
    const limits = {
      files: MOST_FILES,
      fileSize: DOCUMENT_LIMIT_BYTES + 1,
      fields: 20,
      fieldSize: 4_096,
      parts: MOST_FILES + 20,
    };
    if (!scope.hasContentTypeParser('multipart/form-data'))
      await scope.register(fastifyMultipart, { limits, throwFileSizeLimit: false });

    scope.post(`${SECTION}/upload`, options, async (request, reply) => {
      const actor = sessionOf(request).account;
      const { kind } = request.query as { readonly kind?: string };
      const received = await receiveFiles(request, (upload) =>
        media.add({ ...upload, ...(kind === 'image' && { accept: 'image' }) }, actor),
      );
      return answer(bluejay, { request, reply, received });
    });

    scope.post(`${SECTION}/:id/replace`, options, async (request, reply) => {
      const id = idOf((request.params as { readonly id?: string }).id ?? '');
      const actor = sessionOf(request).account;
      const { refused, files } = await receiveFiles(request, (upload) => media.replace(id, upload, actor));
      if (refused[0] !== undefined) throw refused[0].error;
      if (!prefersHtml(request.headers.accept)) return { files: files.map((file) => describeFile(bluejay, file)) };
      return reply.redirect(`${SECTION}/${id}/edit?saved=1`, 303);
    });
  });
};

const receiveFiles = async (request: FastifyRequest, take: Take): Promise<Received> => {
  if (!request.isMultipart()) throw new ContentError('MEDIA_MISSING', 400, 'No files were sent.');
  const files: MediaFile[] = [];
  const refused: Refused[] = [];
  let alt = '';
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      if (part.fieldname === 'alt' && typeof part.value === 'string') alt = part.value;
      continue;
    }
    // A file input that was left empty sends a part without a name.
    if (part.filename === '') {
      part.file.resume();
      continue;
    }
    try {
      files.push(await take({ name: part.filename, content: part.file, alt }));
    } catch (error) {
      if (!(error instanceof ContentError)) throw error;
      refused.push({ name: part.filename, error });
      // The others stand behind it in the same stream.
      part.file.resume();
    }
  }
  if (files.length + refused.length === 0) throw new ContentError('MEDIA_MISSING', 400, 'No files were sent.');
  return { files, refused };
};

type Answered = { readonly request: FastifyRequest; readonly reply: FastifyReply; readonly received: Received };

const answer = (bluejay: Bluejay, { request, reply, received }: Answered): FastifyReply => {
  const { files, refused } = received;
  const [first] = refused;
  const status = files.length === 0 && first !== undefined ? first.error.statusCode : 200;
  if (!prefersHtml(request.headers.accept))
    return reply.code(status).send({
      files: files.map((file) => describeFile(bluejay, file)),
      count: files.length,
      message: messageOf(received),
      errors: refused.map(({ name, error }) => ({ name, code: error.code, message: error.message })),
      ...(files.length === 0 && { error: messageOf(received) }),
    });
  if (first === undefined) return reply.redirect(nextPlace(files), 303);
  return bluejay.admin.send(reply, {
    title: 'Upload',
    section: SECTION,
    session: sessionOf(request),
    status: first.error.statusCode,
    notice: { kind: 'error', text: countText(received) },
    body: renderOutcome(received),
  });
};

/** A single picture is described next; of several, those that still lack it. */
const nextPlace = (files: readonly MediaFile[]): string => {
  const [only] = files;
  return files.length === 1 && only !== undefined
    ? `${SECTION}/${only.id}/edit?uploaded=1`
    : `${SECTION}?uploaded=${files.length}`;
};

const countText = ({ files, refused }: Received): string => {
  const taken = files.length === 1 ? '1 file uploaded' : `${files.length} files uploaded`;
  return refused.length === 0 ? `${taken}.` : `${taken}, ${refused.length} not taken.`;
};

const messageOf = (received: Received): string =>
  [countText(received), ...received.refused.map(({ error }) => error.message)].join(' ');

const renderOutcome = ({ files, refused }: Received): Html => html`<h2>Not taken</h2>
<ul>${refused.map(({ error }) => html`<li>${error.message}</li>`)}</ul>
${
  files.length > 0 &&
  html`<h2>Uploaded</h2>
<ul>${files.map((file) => html`<li><a href="${SECTION}/${file.id}/edit">${file.originalName}</a></li>`)}</ul>`
}
<p><a class="button" href="${SECTION}">To the library</a></p>`;
