/** The media library: files by id, what was made of them, and where they are used. */
import type { Readable } from 'node:stream';
import type { Actor } from '../content/content.ts';
import type { Html } from '../html/html.ts';

export type MediaKind = 'image' | 'document';

export type MediaFile = {
  readonly id: number;
  /** As it was called where it came from; for people. */
  readonly originalName: string;
  /** Found by looking into it, never by its name. */
  readonly mimeType: string;
  readonly kind: MediaKind;
  readonly bytes: number;
  /** Pixels; null for what is no picture. */
  readonly width: number | null;
  readonly height: number | null;
  readonly alt: string;
  /** It says nothing that the text does not: an empty alternative text is then right. */
  readonly isDecorative: boolean;
  /** Where the subject is, in percent from the left and from the top. */
  readonly focal: { readonly x: number; readonly y: number };
  /** How often visitors took it from /downloads or /files. */
  readonly downloads: number;
  readonly createdAtMs: number;
  readonly createdBy: number | null;
};

/** A picture may be chosen only then; documents always. */
export const isDescribed = (file: Pick<MediaFile, 'kind' | 'alt' | 'isDecorative'>): boolean =>
  file.kind === 'document' || file.isDecorative || file.alt !== '';

export type Upload = {
  readonly name: string;
  /** Read to its end when the file is taken; after an error the rest is the caller's to throw away. */
  readonly content: Readable;
  readonly alt?: string;
  /** What may be taken: pictures only, or documents too. Default `any`. */
  readonly accept?: 'image' | 'any';
};

export type MediaDescription = {
  readonly alt?: string;
  readonly isDecorative?: boolean;
  /** Percent, 0 to 100. */
  readonly focal?: { readonly x: number; readonly y: number };
};

export type MediaQuery = {
  /** Words of the name or of the alternative text. */
  readonly search?: string;
  /** Default: newest. */
  readonly sort?: MediaSort;
  readonly kind?: MediaKind;
  /** Only pictures whose alternative text is still missing. */
  readonly undescribed?: boolean;
  /** From 1; 24 on each. */
  readonly page?: number;
};

export type MediaSort = 'newest' | 'oldest' | 'name' | 'largest';

export type MediaPage = { readonly files: readonly MediaFile[]; readonly total: number; readonly pages: number };

export type PictureOptions = {
  /** How wide it will be shown, as the `sizes` attribute says it: `(min-width: 48rem) 33vw, 100vw`. */
  readonly sizes: string;
  readonly class?: string;
  /** Above the fold: loaded at once and first. Default: when it comes near. */
  readonly eager?: boolean;
  /** Replaces the library's alternative text; '' for mere decoration. */
  readonly alt?: string;
};

/** Disposed, it ends what is being made; what is missing then is made after the next start. */
export type Media = AsyncDisposable & {
  find(id: number): MediaFile | undefined;
  /**
   * Streams into the library, bounded, or throws a ContentError (`MEDIA_TOO_LARGE` 413, `MEDIA_NOT_ALLOWED` 400, `MEDIA_BROKEN`
   * 400, `MEDIA_DISK_FULL` 507). Pictures lose their metadata and get their sizes; an SVG loses everything that could act. What
   * is there already is not kept twice: the answer is then the file that was first.
   */
  add(upload: Upload, actor: Actor): Promise<MediaFile>;
  /** Another file under the same id, with the same use, alternative text and focal point; throws as `add` does. */
  replace(id: number, upload: Upload, actor: Actor): Promise<MediaFile>;
  describe(id: number, change: MediaDescription, actor: Actor): MediaFile;
  /** ContentError CONTENT_IN_USE when something shows it. */
  remove(id: number, actor: Actor): Promise<void>;
  list(query: MediaQuery): MediaPage;

  /**
   * <picture> with modern formats, sizes, dimensions and the focal point; nothing for an id that is not a picture any more.
   * What is not published has signed addresses that expire: previews show it, nothing else can.
   */
  picture(id: number | null, options: PictureOptions): Html;
  /**
   * Path of one rendition, at least so many pixels wide (previews of links, feeds), in a format that everything reads; for a
   * document that of its download. Undefined when there is none, or it is not published.
   */
  pathOf(id: number | null, options?: { readonly width?: number }): string | undefined;
  /** Path that gives the file out to whoever has it, until then; for what lies behind a form. */
  signedPath(id: number, expiresAtMs: number): string;
  /** The whole file, for exports. Throws CONTENT_GONE for an id that is not there. */
  open(id: number): Readable;

  /**
   * Makes reachable under /uploads what visible content shows, and unreachable what it no longer does. Called after every
   * change and when a schedule's moment has come; a page that shows a file waits for it. At once when nothing has changed.
   */
  publish(): Promise<void>;
  /** Visible content shows it, as of the last `publish`. */
  isPublished(id: number): boolean;
  /** Resolves when every size of every picture is made. */
  settled(): Promise<void>;
  /** Names of the files whose original is not on the disk: for the check of a restored site. */
  missing(): Promise<readonly string[]>;

  /** For the routes that give files out. */
  readonly files: MediaFiles;
};

/** A file on the disk that may be sent. */
export type Sendable = {
  readonly path: string;
  readonly mimeType: string;
  /** What it is saved as; undefined for what is shown in a page. */
  readonly downloadName?: string;
  /** The file whose downloads are counted. */
  readonly id?: number;
};

export type MediaFiles = {
  /** `<name>` of /uploads/<name>, when it is published. */
  published(name: string): Sendable | undefined;
  /** What a token of `signedPath` or of an unpublished picture stands for. */
  signed(token: string): Sendable | undefined;
  /** A document that visible content offers. */
  download(id: number): Sendable | undefined;
  /** For the panel: a rendition at least so wide, published or not. */
  preview(id: number, width: number): Sendable | undefined;
  countDownload(id: number): void;
};
