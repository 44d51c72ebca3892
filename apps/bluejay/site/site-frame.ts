/** The frame of every public page: head, header, navigation, footer. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ContentView } from '../content/content-view.ts';
import type { Html } from '../html/html.ts';
import type { MediaFile, PictureOptions } from '../media/media.ts';

export type SitePage = {
  readonly title: string;
  readonly description?: string | undefined;
  /** Path of the canonical address; default the one that was asked for, without its query. */
  readonly canonical?: string | undefined;
  /** Media id for previews of links. */
  readonly image?: number | null;
  readonly type?: 'website' | 'article' | 'product';
  /** schema.org objects, one <script type="application/ld+json"> each. */
  readonly structured?: readonly Readonly<Record<string, unknown>>[];
  /** From the front page's child to this page; printed above the body, and told to search engines. */
  readonly breadcrumbs?: readonly { readonly label: string; readonly path: string }[];
  readonly body: Html;
  /** What is sent instead of the whole page when a script asks for it with `HX-Request: true`. */
  readonly fragment?: Html;
  readonly status?: number;
  /** Not for search engines: results of a search, previews. */
  readonly noIndex?: boolean;
  /** Paths of the pages before and after this one of a list. */
  readonly previous?: string | undefined;
  readonly next?: string | undefined;
  /** Feeds that a reader of this page may want. */
  readonly feeds?: readonly { readonly title: string; readonly type: string; readonly path: string }[];
  /** Where the preview bar's “Edit” leads. */
  readonly edit?: { readonly type: string; readonly id: number };
};

/** What a page is made from: `context.origin` for whole addresses, `context.query('page')` for parameters. Whatever is read through it is remembered, so that the page is made anew when it changes. */
export type PageContext = {
  readonly view: ContentView;
  /** As asked for, without the query. */
  readonly path: string;
  /** Scheme and host of this site, without a slash at the end. */
  readonly origin: string;
  /** The first value of a parameter of the address; undefined when there is none. */
  query(name: string): string | undefined;
  /** A picture of the media library, or nothing. */
  picture(id: number | null, options: PictureOptions): Html;
  /** Path of one rendition of a picture, for feeds and structured data. */
  imagePath(id: number | null, width?: number): string | undefined;
  /** A file of the media library that anybody may have, and where it is. */
  file(id: number | null): (MediaFile & { readonly path: string }) | undefined;
  /** The page says something that is no longer true at this moment: “© 2026”. */
  changesAt(moment: number): void;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
};

export type Caching = {
  /** Seconds that a browser or a proxy may keep it without asking; default 0: it asks every time, and hears 304. */
  readonly maxAgeSec?: number;
  /** False: made anew for every request, as answers to arbitrary words are. Default true: kept until what it shows changes. */
  readonly isKept?: boolean;
};

export type Render<Result> = (context: PageContext, params: Readonly<Record<string, string>>) => Result | undefined;

export type SiteFrame = {
  /**
   * Registers GET `path`: the page is made by `render` once, kept with what it read, sent with an ETag (304 when it is the same),
   * made anew after exactly those changes that touch it. `render` gives undefined for "not found", Html for a mere fragment.
   * Previews are never kept.
   */
  page(path: string, caching: Caching | null, render: Render<SitePage | Html>): void;
  /** Registers GET `path` for something that is no page: sitemap, feeds. Kept and revalidated in the same way. */
  document(path: string, contentType: string, render: Render<string>, caching?: Caching): void;
  /** What a page is made from outside of `page`: for the answer to a form. */
  context(request: FastifyRequest): PageContext;
  /** Answers a form: the page, or with `HX-Request: true` only the fragment. Never kept. */
  answer(request: FastifyRequest, reply: FastifyReply, page: SitePage & { readonly fragment: Html }): FastifyReply;
  /** For `setNotFoundHandler`: where the address leads now (301), or the page that says so (404). */
  notFound(request: FastifyRequest, reply: FastifyReply): FastifyReply;
  /** The page for an error; works as well when the database does not. */
  failed(request: FastifyRequest, reply: FastifyReply, failure: Failure): FastifyReply;
};

export type Failure = { readonly status: number; readonly title: string; readonly message: string };
