/** Files for visitors: published sizes (where no edge serves them), downloads that are counted, and signed addresses. */
import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify';
import type { Routes } from '../bluejay.ts';
import { contentGone } from '../content/errors.ts';
import type { Sendable } from './media.ts';
import { isFromTheStart, sendFile } from './send-file.ts';

type Parameters = Readonly<Record<string, string | undefined>>;

export const fileRoutes: Routes = (server, { media, content }) => {
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { file, caching }: { readonly file: Sendable | undefined; readonly caching: string },
  ): Promise<FastifyReply> => {
    if (file === undefined) throw contentGone('file');
    if (file.id !== undefined && isFromTheStart(request)) media.files.countDownload(file.id);
    const sent = await sendFile(request, reply, { file, caching });
    if (sent === undefined) throw contentGone('file');
    return sent;
  };
  const current = async (): Promise<void> => {
    content.notice();
    await media.publish();
  };

  const get = (url: string, handler: RouteHandlerMethod): void => {
    // Said, not left to the server: its own answer to HEAD would read the whole file.
    server.route({ method: ['GET', 'HEAD'], url, handler });
  };

  get('/uploads/:name', async (request, reply) => {
    await current();
    const { name = '' } = request.params as Parameters;
    return await answer(request, reply, { file: media.files.published(name), caching: 'public, max-age=31536000, immutable' });
  });

  // The name is for people, and for browsers that save it; the number decides.
  get('/downloads/:id/:name', async (request, reply) => {
    await current();
    const { id = '' } = request.params as Parameters;
    return await answer(request, reply, { file: media.files.download(idOf(id)), caching: 'no-cache' });
  });

  get('/files/:token', async (request, reply) => {
    const { token = '' } = request.params as Parameters;
    return await answer(request, reply, { file: media.files.signed(token), caching: 'private, no-store' });
  });

  // What a rich text links to: the same address, whatever file is behind it today.
  server.get('/media/:id', async (request, reply) => {
    await current();
    const { id = '' } = request.params as Parameters;
    const path = media.pathOf(idOf(id), { width: 1_920 });
    if (path === undefined) throw contentGone('file');
    return reply.header('Cache-Control', 'no-cache').redirect(path, 302);
  });
};

/** 0 for what is no id: nothing has it. */
export const idOf = (text: string): number => (/^[1-9]\d{0,14}$/.test(text) ? Number(text) : 0);
