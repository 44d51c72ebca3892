/** Opens the frame: what registers public pages, keeps them, and puts header and footer around them. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Bluejay } from '../bluejay.ts';
import type { ContentView, ViewOptions } from '../content/content-view.ts';
import { type Answer, createAnswer, sendAnswer } from './answer.ts';
import { failurePage, notFoundPage } from './error-pages.ts';
import type { Media } from '../media/media.ts';
import type { ReadMenu } from './menu.ts';
import { addressOf, type PageAddress } from './page-address.ts';
import { createPageCache, type Made, type PageCache } from './page-cache.ts';
import { createPageContext, type RecordedContext } from './page-context.ts';
import { createPreviews } from './preview.ts';
import { renderFailure, renderPage } from './render-page.ts';
import type { Caching, SiteFrame } from './site-frame.ts';

export type SiteFrameParts = Pick<Bluejay, 'content' | 'signer' | 'now'> & {
  readonly env: Pick<Bluejay['env'], 'baseUrl' | 'cacheBytes'>;
  readonly media: Pick<Media, 'find' | 'picture' | 'pathOf' | 'publish' | 'isPublished'>;
  readonly sessions: Pick<Bluejay['sessions'], 'find'>;
  readonly instruments: Pick<Bluejay['instruments'], 'cacheHits' | 'cacheMisses'>;
  /** The menu of a location, or undefined when none is made. */
  readonly readMenu: ReadMenu;
};

export type OpenSiteFrame = SiteFrame & { readonly cache: Pick<PageCache, 'bytes' | 'size'> };

const HTML = 'text/html; charset=utf-8';
const NEVER_KEPT = 'private, no-store';
const REVALIDATED = 'no-cache';

/** What a route made of a request. */
type Drawn = { readonly text: string; readonly status: number; readonly isIndexed: boolean };
type Params = Readonly<Record<string, string>>;
type Draw = (context: RecordedContext, params: Params, how: { isFragment: boolean; isPreview: boolean }) => Drawn | undefined;
type Route = { readonly path: string; readonly caching: Caching; readonly contentType: string; readonly draw: Draw };

export function createSiteFrame(server: FastifyInstance, parts: SiteFrameParts): OpenSiteFrame {
  const { content, media, instruments, readMenu, now, env } = parts;
  const previews = createPreviews(parts);
  const cache = createPageCache({
    maxBytes: env.cacheBytes,
    now,
    onHit: () => instruments.cacheHits.increment(),
    onMiss: () => instruments.cacheMisses.increment(),
  });
  content.onChange(({ tags }) => cache.drop(tags));

  const contextFor = (address: PageAddress, view: ContentView): RecordedContext =>
    createPageContext({ address, view, media, now });

  const register = ({ path, caching, contentType, draw }: Route): void => {
    const cacheControl = caching.maxAgeSec === undefined ? REVALIDATED : `public, max-age=${caching.maxAgeSec}`;
    /** What pages of this route were seen to read from the address; nothing else makes a page of its own. */
    const parameters = new Set<string>();

    server.get(path, (request, reply) => {
      const params = request.params as Params;
      const address = addressOf(request, env.baseUrl);
      const token = address.query('preview');
      const drafts = token === undefined ? undefined : previews.draftsFor(request, token);
      if (drafts !== undefined) return sendPreview(request, reply, { drafts, draw, contentType });

      const present = find(address, parameters);
      if (present !== undefined) return send(present);
      const made = cache.make(
        address.whole,
        () => media.publish(),
        () => make(),
      );
      return made.then((answer) => (answer === null ? notFound(request, reply) : send(answer)));

      function send(answer: Answer): FastifyReply | Promise<FastifyReply> {
        // Whoever is not logged in yet shall not keep this page under the address of the preview.
        const shown = token === undefined ? answer : { ...answer, cacheControl: NEVER_KEPT };
        return sendAnswer(request, reply, shown, (bytes) => cache.grow(address.key(parameters), answer, bytes));
      }

      function make(): Made {
        const made = find(address, parameters);
        if (made !== undefined) return { answer: made, tags: [], expiresAtMs: null, key: null };
        const view = content.view();
        const context = contextFor(address, view);
        const drawn = draw(context, params, { isFragment: address.isFragment, isPreview: false });
        if (drawn === undefined) return { answer: null, tags: [], expiresAtMs: null, key: null };
        for (const name of context.namesRead) parameters.add(name);
        return {
          answer: createAnswer(drawn.text, { ...drawn, contentType, cacheControl }),
          tags: view.tags(),
          expiresAtMs: context.expiresAtMs(),
          key: caching.isKept === false || drawn.status !== 200 || context.isUnsettled() ? null : address.key(parameters),
        };
      }
    });
  };

  const find = (address: PageAddress, parameters: ReadonlySet<string>) => {
    content.notice();
    return cache.find(address.key(parameters));
  };

  type Preview = Pick<Route, 'draw' | 'contentType'> & { readonly drafts: NonNullable<ViewOptions['drafts']> };
  const sendPreview = (request: FastifyRequest, reply: FastifyReply, { drafts, draw, contentType }: Preview) => {
    const address = addressOf(request, env.baseUrl);
    const context = contextFor(address, content.view({ drafts }));
    const drawn = draw(context, request.params as Params, { isFragment: address.isFragment, isPreview: true });
    if (drawn === undefined) return notFound(request, reply);
    const answer = createAnswer(drawn.text, { ...drawn, contentType, cacheControl: NEVER_KEPT, isIndexed: false });
    return sendAnswer(request, reply, answer);
  };

  const notFound = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const view = content.view();
    const moved = /^(?:GET|HEAD)$/.test(request.method) ? movedTo(request.url, view) : undefined;
    if (moved !== undefined) return reply.header('Cache-Control', REVALIDATED).redirect(moved, 301);
    const context = contextFor(addressOf(request, env.baseUrl), view);
    return reply
      .code(404)
      .headers({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
      .type(HTML)
      .send(renderPage({ context, page: notFoundPage(context), readMenu }));
  };

  const contextOf = (request: FastifyRequest): RecordedContext => contextFor(addressOf(request, env.baseUrl), content.view());

  return {
    cache,
    page(path, caching, render) {
      const draw: Draw = (context, params, { isFragment, isPreview }) => {
        const page = render(context, params);
        if (page === undefined) return undefined;
        if ('html' in page) return { text: page.html, status: 200, isIndexed: false };
        const { status = 200, noIndex = false, fragment } = page;
        if (isFragment && fragment !== undefined) return { text: fragment.html, status, isIndexed: false };
        const bar = isPreview ? previews.bar(context, page) : undefined;
        return { text: renderPage({ context, page, readMenu, bar }), status, isIndexed: !noIndex };
      };
      register({ path, caching: caching ?? {}, contentType: HTML, draw });
    },
    document(path, contentType, render, caching = {}) {
      const draw: Draw = (context, params) => {
        const text = render(context, params);
        return text === undefined ? undefined : { text, status: 200, isIndexed: true };
      };
      register({ path, caching, contentType, draw });
    },
    context: contextOf,
    answer(request, reply, page) {
      const isFragment = request.headers['hx-request'] === 'true';
      const text = isFragment ? page.fragment.html : renderPage({ context: contextOf(request), page, readMenu });
      return reply
        .code(page.status ?? 200)
        .headers({ 'Cache-Control': NEVER_KEPT, Vary: 'HX-Request' })
        .type(HTML)
        .send(text);
    },
    notFound,
    failed: (request, reply, failure) =>
      reply
        .code(failure.status)
        .headers({ 'Cache-Control': 'no-store', 'X-Robots-Tag': 'noindex' })
        .type(HTML)
        .send(renderFailure(failurePage(failure, request.id))),
  };
}

/** Where an address leads that leads nowhere: without its last slash, or to what was once there. */
const movedTo = (url: string, view: ContentView): string | undefined => {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = mark === -1 ? '' : url.slice(mark);
  const moved = view.redirectFor(path);
  if (moved !== undefined) return moved + query;
  // Only plain names: a redirect must not be talked into leading to another host.
  return /^(?:\/[\w.~-]+)+\/$/.test(path) ? path.slice(0, -1) + query : undefined;
};
