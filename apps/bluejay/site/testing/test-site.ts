/** The public pages over content in memory, answered without a network. */
import { fastify, type FastifyInstance } from 'fastify';
import type { Session } from '../../accounts/session.ts';
import type { Content } from '../../content/content.ts';
import { openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { readMenu } from '../../navigation/read-menu.ts';
import { createSigner, type Signer } from '../../signing.ts';
import { createSiteFrame, type OpenSiteFrame } from '../open-frame.ts';
import { siteRoutes } from '../routes.ts';
import { createTestMedia } from './test-media.ts';

export type Page = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
};

export type TestSite = AsyncDisposable & {
  readonly server: FastifyInstance;
  readonly site: OpenSiteFrame;
  readonly content: Content;
  /** What it stands on, for another site over the same. */
  readonly opened: TestContent;
  readonly clock: TestContent['clock'];
  readonly signer: Signer;
  /** Alternative texts of the pictures that are there, by id. */
  readonly alts: Map<number, string>;
  /** Pages that were answered from memory, and that were made. */
  readonly counts: { hits: number; misses: number };
  /** As somebody who is logged in, until it is told otherwise. */
  logIn(role: Session['account']['role'] | null): void;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
};

export type TestSiteOptions = {
  readonly cacheBytes?: number;
  readonly baseUrl?: string | null;
  /** The content of another site. */
  readonly opened?: TestContent;
  /** More routes than those of this folder. */
  readonly routes?: (server: FastifyInstance, site: OpenSiteFrame) => void;
};

export const openTestSite = async (options: TestSiteOptions = {}): Promise<TestSite> => {
  const { cacheBytes = 8 * 2 ** 20, baseUrl = 'https://www.example.com' } = options;
  const opened = options.opened ?? (await openTestContent());
  const { content, clock, database } = opened;
  const server = fastify({ routerOptions: { maxParamLength: 2_000 } });
  const alts = new Map<number, string>();
  const counts = { hits: 0, misses: 0 };
  const signer = createSigner(['a secret for tests, of many different bytes 0123'], () => clock.nowMs);
  let session: Session | undefined;
  const count = (what: keyof typeof counts) => ({ increment: () => void (counts[what] += 1), value: 0 });
  const site = createSiteFrame(server, {
    content,
    signer,
    media: createTestMedia(alts),
    sessions: { find: () => session },
    now: () => clock.nowMs,
    env: { baseUrl: baseUrl === null ? null : new URL(baseUrl), cacheBytes },
    instruments: { cacheHits: count('hits'), cacheMisses: count('misses') },
    readMenu: readMenu(database),
  });
  siteRoutes(server, { site });
  options.routes?.(server, site);
  server.setNotFoundHandler((request, reply) => site.notFound(request, reply));
  await server.ready();
  return {
    server,
    site,
    content,
    opened,
    clock,
    signer,
    alts,
    counts,
    logIn(role) {
      session = role === null ? undefined : { account: { id: 1, email: 'edda@example.com', name: 'Edda', role }, csrf: 'c' };
    },
    async get(path, headers = {}) {
      const answer = await server.inject({ url: path, headers });
      return { status: answer.statusCode, headers: answer.headers, text: answer.body };
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      if (options.opened === undefined) opened[Symbol.dispose]();
    },
  };
};
