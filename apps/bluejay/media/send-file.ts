/** Sends a file of the library: whole, a part of it, or the news that it is the same. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Sendable } from './media.ts';
import { isCode } from './media-directory.ts';

/** Whatever it is, it may do nothing in this site's name: no script, no form, no request. */
const HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/** Undefined: the file is not there any more, and nothing was sent. */
export const sendFile = async (
  request: FastifyRequest,
  reply: FastifyReply,
  { file, caching }: { readonly file: Sendable; readonly caching: string },
): Promise<FastifyReply | undefined> => {
  const bytes = await sizeOf(file.path);
  if (bytes === undefined) return undefined;
  const tag = `"${path.basename(file.path)}"`;
  reply.headers({
    'Cache-Control': caching,
    'Content-Security-Policy': HARMLESS,
    'X-Content-Type-Options': 'nosniff',
    'Accept-Ranges': 'bytes',
    ETag: tag,
  });
  if (file.downloadName !== undefined) reply.header('Content-Disposition', dispositionOf(file.downloadName));
  if (request.headers['if-none-match']?.split(/\s*,\s*/).some((one) => one === tag || one === `W/${tag}` || one === '*') === true)
    return reply.code(304).send();

  const range = rangeOf(request, tag, bytes);
  if (range === 'unsatisfiable') return reply.code(416).header('Content-Range', `bytes */${bytes}`).send();
  const { start, end } = range ?? { start: 0, end: bytes - 1 };
  if (range !== undefined) reply.code(206).header('Content-Range', `bytes ${start}-${end}/${bytes}`);
  reply.header('Content-Length', end - start + 1).type(file.mimeType);
  if (request.method === 'HEAD') return reply.send();
  return reply.send(createReadStream(file.path, { start, end }));
};

/** A download counts once, however many parts it is fetched in. */
export const isFromTheStart = ({ method, headers }: Pick<FastifyRequest, 'method' | 'headers'>): boolean =>
  method === 'GET' && headers['if-none-match'] === undefined && (headers.range === undefined || /^bytes=0-/.test(headers.range));

type Range = { readonly start: number; readonly end: number };

/** One range, as browsers that resume ask for it; several are answered with everything, which is allowed. */
const rangeOf = ({ headers }: FastifyRequest, tag: string, bytes: number): Range | 'unsatisfiable' | undefined => {
  const condition = headers['if-range'];
  const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(headers.range ?? '') ?? [];
  if ((from === '' && to === '') || (condition !== undefined && condition !== tag)) return undefined;
  const start = from === '' ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== '' && to !== '' && Number(to) < start) return undefined;
  return start > end || start >= bytes ? 'unsatisfiable' : { start, end };
};

/** Both forms (RFC 6266): plain letters for what is old, the name itself for everything else. */
const dispositionOf = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replace(/[^\x20-\x7e]/g, '')
    .replace(/["\\%;]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${plain || 'file'}"; filename*=UTF-8''${encoded}`;
};

const sizeOf = async (file: string): Promise<number | undefined> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};
