/**
 * What an exported site looks like: `site.json` first, then the files of the library, then the records, a line of JSON for each,
 * what is referred to before what refers to it. So both sides need no more memory for a large site than for a small one.
 *
 *     site.json              format, version, when, and how many of what
 *     media.jsonl            {"id":1,"file":"media/000001.png","name":"pump.png","alt":"A pump",…}
 *     media/000001.png
 *     records/product.1.jsonl
 *     menus.json
 *     redirects.jsonl        old slugs, and paths that another program's site had
 *     submissions.jsonl, downloads.jsonl   with leads only
 *
 * Ids are those of the file: 1, 2, 3… of each type. A database gives out its own.
 */
import type { ContentType } from '../content/content-type.ts';

export const SITE_FORMAT = 'bluejay-site';
export const SITE_FORMAT_VERSION = 1;

export type SiteManifest = {
  readonly format: typeof SITE_FORMAT;
  readonly version: number;
  /** The only thing that differs between two exports of the same site. */
  readonly exportedAt: string;
  readonly withLeads: boolean;
  /** Records of each type, in the order in which they come. */
  readonly records: Readonly<Record<string, number>>;
  readonly media: number;
};

export const FILES = {
  manifest: 'site.json',
  media: 'media.jsonl',
  menus: 'menus.json',
  redirects: 'redirects.jsonl',
  submissions: 'submissions.jsonl',
  downloads: 'downloads.jsonl',
} as const;

export const mediaFileName = (number: number, extension: string): string =>
  `media/${String(number).padStart(6, '0')}.${extension}`;
export const recordsFileName = (type: string, part: number): string => `records/${type}.${part}.jsonl`;

/** The type whose records a file of the archive holds; undefined for another file. */
export const typeOfRecordsFile = (name: string): string | undefined =>
  /^records\/([a-z-]{1,60})\.\d{1,7}\.jsonl$/.exec(name)?.[1];

/** What is referred to comes first. Throws a TypeError when types refer to each other in a circle: one of them could not come first. */
export const inOrderOfReferences = (types: readonly ContentType[]): readonly ContentType[] => {
  const ordered: ContentType[] = [];
  const visit = (type: ContentType, path: readonly string[]): void => {
    if (ordered.includes(type)) return;
    if (path.includes(type.name))
      throw new TypeError(`types refer to each other in a circle: ${[...path, type.name].join(' → ')}`);
    for (const field of Object.values(type.fields)) {
      if (field.kind !== 'reference' && field.kind !== 'references') continue;
      const target = types.find(({ name }) => name === field.to);
      if (target !== undefined && target !== type) visit(target, [...path, type.name]);
    }
    ordered.push(type);
  };
  for (const type of types) visit(type, []);
  return ordered;
};

/** Bounds of one archive. Larger than every site we know, small enough for a small server. */
export const LIMITS = {
  /** Files in the archive. */
  files: 250_000,
  /** All of it, unpacked. */
  bytes: 256 * 2 ** 30,
  /** Unpacked bytes for each packed one, once there are more than `ratioFrom`: pictures have 1, texts 10, the dullest 300, bombs 1,000. */
  ratio: 500,
  ratioFrom: 64 * 2 ** 20,
  /** One file of records or of facts. */
  textBytes: 64 * 2 ** 20,
  /** One record. Its rich texts may have 200,000 characters each. */
  lineBytes: 8 * 2 ** 20,
  records: 1_000_000,
  mediaBytes: 50 * 2 ** 20,
} as const;
