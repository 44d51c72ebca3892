/** What may be in the library, and how it is told from what only pretends to be it. */
import { open, stat } from 'node:fs/promises';
import { fileTypeFromFile } from 'file-type';
import { mediaNotAllowed } from './errors.ts';
import type { MediaKind } from './media.ts';

export type FileFormat = {
  readonly kind: MediaKind;
  readonly mimeType: string;
  /** Of a name that agrees with it; the first is what we call it ourselves. */
  readonly extensions: readonly [string, ...string[]];
  readonly label: string;
};

export const IMAGE_LIMIT_BYTES = 10 * 2 ** 20;
export const DOCUMENT_LIMIT_BYTES = 50 * 2 ** 20;

const image = (mimeType: string, label: string, ...extensions: [string, ...string[]]): FileFormat => ({
  kind: 'image',
  mimeType,
  extensions,
  label,
});
const document = (mimeType: string, label: string, ...extensions: [string, ...string[]]): FileFormat => ({
  kind: 'document',
  mimeType,
  extensions,
  label,
});

const OFFICE = 'application/vnd.openxmlformats-officedocument';

const JPEG = image('image/jpeg', 'a JPEG picture', 'jpg', 'jpeg', 'jpe', 'jfif');
const PNG = image('image/png', 'a PNG picture', 'png', 'apng');
const SVG = image('image/svg+xml', 'an SVG drawing', 'svg');
const TEXT = document('text/plain', 'plain text', 'txt');
const CSV = document('text/csv', 'a CSV table', 'csv');
const STEP = document('model/step', 'a STEP model', 'step', 'stp');
const STL = document('model/stl', 'an STL model', 'stl');

/** By the extension that file-type gives. */
const RECOGNISED: Readonly<Record<string, FileFormat>> = {
  jpg: JPEG,
  png: PNG,
  apng: PNG,
  webp: image('image/webp', 'a WebP picture', 'webp'),
  gif: image('image/gif', 'a GIF picture', 'gif'),
  avif: image('image/avif', 'an AVIF picture', 'avif'),
  pdf: document('application/pdf', 'a PDF document', 'pdf'),
  zip: document('application/zip', 'a ZIP archive', 'zip'),
  docx: document(`${OFFICE}.wordprocessingml.document`, 'a Word document', 'docx'),
  xlsx: document(`${OFFICE}.spreadsheetml.sheet`, 'an Excel workbook', 'xlsx'),
  pptx: document(`${OFFICE}.presentationml.presentation`, 'a PowerPoint presentation', 'pptx'),
  stl: STL,
};

const FORMATS: readonly FileFormat[] = [...new Set([...Object.values(RECOGNISED), SVG, TEXT, CSV, STEP])];

/** For the `accept` attribute of a file input. */
export const ACCEPTED_EXTENSIONS: readonly string[] = FORMATS.flatMap((format) => format.extensions.map((one) => `.${one}`));

export const formatOf = (mimeType: string): FileFormat | undefined => FORMATS.find((format) => format.mimeType === mimeType);

const HEAD_BYTES = 4_096;

/** Throws MEDIA_NOT_ALLOWED for what is not on the list, and for a name that says something else than the content. */
export const recogniseFile = async (file: string, name: string): Promise<FileFormat> => {
  const extension = extensionOf(name);
  const format = await formatOfContent(file, name, extension);
  if (!format.extensions.includes(extension)) throw mediaNotAllowed(name, `it is ${format.label}, but ${sayName(extension)}`);
  return format;
};

const extensionOf = (name: string): string => (/\.([a-z0-9]{1,8})$/i.exec(name)?.[1] ?? '').toLowerCase();

const sayName = (extension: string): string =>
  extension === '' ? 'its name does not say so (the ending is missing)' : `calls itself ${extension.toUpperCase()}`;

const formatOfContent = async (file: string, name: string, extension: string): Promise<FileFormat> => {
  const { size } = await stat(file);
  if (size === 0) throw mediaNotAllowed(name, 'it is empty');
  const found = await fileTypeFromFile(file);
  const format = found === undefined ? undefined : RECOGNISED[found.ext];
  if (format !== undefined && format !== STL) return format;
  if (found !== undefined && found.ext === 'heic') throw mediaNotAllowed(name, 'browsers show no HEIC pictures; save it as JPEG');
  if (found !== undefined && !['xml', 'stl', 'ics', 'vcf', 'vtt', 'reg'].includes(found.ext))
    throw mediaNotAllowed(name, `it looks like ${found.ext.toUpperCase()}${contradiction(extension)}`);

  const head = await readHead(file);
  if (extension === 'stl' && isBinaryStl(head, size)) return STL;
  const text = readText(head, size);
  if (text === undefined) throw mediaNotAllowed(name, `what it is cannot be told${contradiction(extension)}`);
  return formatOfText(text, name, extension);
};

/** Everything that is text is only told apart by how it begins, and by its name. */
const formatOfText = (text: string, name: string, extension: string): FileFormat => {
  const start = text.replace(/^\uFEFF/, '').trimStart();
  if (
    /^(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*(?:\[[\s\S]*?\]\s*)?>\s*)*<(?:[a-z][\w.-]*:)?svg[\s>/]/i.test(
      start,
    )
  )
    return SVG;
  if (start.startsWith('ISO-10303-21;')) return STEP;
  if (/^solid\b/.test(start) && extension === 'stl') return STL;
  const disguise = /^<\?xml/i.test(start)
    ? 'XML'
    : /^<\?/.test(start)
      ? 'a program'
      : /<(?:!doctype|html|head|body|script|iframe|svg|object|embed|meta|link|style|img|a|p|div|form|base)\b/i.test(text)
        ? 'HTML'
        : /^(?:#!|MZ)/.test(start)
          ? 'a program'
          : undefined;
  if (disguise !== undefined) throw mediaNotAllowed(name, `it looks like ${disguise}${contradiction(extension)}`);
  if (extension === 'csv') return CSV;
  if (extension === 'txt') return TEXT;
  throw mediaNotAllowed(name, `it is plain text${contradiction(extension)}; that is taken as .txt and .csv`);
};

const contradiction = (extension: string): string => (extension === '' ? '' : `, calls itself ${extension.toUpperCase()}`);

const readHead = async (file: string): Promise<Buffer> => {
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
  return buffer.subarray(0, bytesRead);
};

/** The beginning, when it is UTF-8 or Windows text without control characters. */
const readText = (head: Buffer, size: number): string | undefined => {
  if (head.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head, { stream: head.length < size });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return head.toString('latin1');
  }
};

/** 80 bytes of whatever, a number of triangles, 50 bytes for each (the format has no magic number). */
const isBinaryStl = (head: Buffer, size: number): boolean => head.length >= 84 && size === 84 + 50 * head.readUInt32LE(80);

/** For people: the last part of a path, without what would confuse a terminal, a header or the eye. */
export const cleanName = (name: string): string => {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  // Control and format characters: among them those that turn the direction of writing around (`gnp.exe`).
  const visible = last
    .replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  const [, stem = visible, ending = ''] = /^(.*?)(\.[a-z0-9]{1,8})?$/i.exec(visible) ?? [];
  return `${[...stem].slice(0, 150).join('') || 'file'}${ending}`;
};
