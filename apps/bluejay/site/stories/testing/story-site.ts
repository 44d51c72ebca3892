/** Stories, forms and feeds over content in memory, answered without a network, with what was kept, counted and logged. */
import type { DatabaseSync } from 'node:sqlite';
import fastifyForms from '@fastify/formbody';
import { type LogFields, silentLog } from '@berth/kit';
import type { FastifyInstance } from 'fastify';
import { openTestContent } from '../../../content/testing/test-content.ts';
import { readEnvironment } from '../../../env.ts';
import { formRoutes } from '../../../forms/routes.ts';
import type { Bluejay } from '../../../bluejay.ts';
import { openTestSite, type TestSite } from '../../testing/test-site.ts';
import { feedRoutes } from '../../feeds/routes.ts';
import { storyRoutes } from '../routes.ts';
import { type ExampleStories, fillStories } from './example-stories.ts';

export const PDF = 9;

export type StorySite = TestSite & {
  readonly database: DatabaseSync;
  readonly example: ExampleStories;
  readonly logged: { readonly event: string; readonly fields: LogFields | undefined }[];
  /** By kind of counter and label: `submissions contact`. */
  readonly counted: Map<string, number>;
};

export type StorySiteOptions = {
  /** Further routes. */
  readonly register?: (server: FastifyInstance) => void;
  /** As it is before anybody wrote anything. */
  readonly isEmpty?: boolean;
};

export const openStorySite = async (more: StorySiteOptions = {}): Promise<StorySite> => {
  const opened = await openTestContent();
  const { database, clock } = opened;
  const logged: StorySite['logged'] = [];
  const counted = new Map<string, number>();
  const count = (name: string) => ({
    with: (labels: Readonly<Record<string, string>>) => ({
      increment() {
        const key = `${name} ${Object.values(labels).join(' ')}`;
        counted.set(key, (counted.get(key) ?? 0) + 1);
      },
    }),
  });
  const signers: { signer?: TestSite['signer'] } = {};
  const signer: TestSite['signer'] = {
    sign: (...given) => theSigner().sign(...given),
    verify: (...given) => theSigner().verify(...given),
  };
  const theSigner = (): TestSite['signer'] => {
    if (signers.signer === undefined) throw new Error('The site is not open yet.');
    return signers.signer;
  };
  const site = await openTestSite({
    opened,
    routes(server, frame) {
      void server.register(fastifyForms);
      const media = {
        find: (id: number) => (id === PDF ? pdf : undefined),
        signedPath: (id: number, untilMs: number) => `/files/${signer.sign('media-file', String(id), untilMs)}`,
      };
      const log = { ...silentLog, info: (event: string, fields?: LogFields) => void logged.push({ event, fields }) };
      const instruments = {
        rateLimited: count('limited'),
        submissions: count('submissions'),
      } as unknown as Bluejay['instruments'];
      const env = readEnvironment({ SITE_BASE_URL: 'https://www.example.com', TRUSTED_PROXIES: '127.0.0.1' });
      const parts = { site: frame, database, signer, media, now: () => clock.nowMs, log, instruments, env };
      storyRoutes(server, parts);
      formRoutes(server, parts);
      void feedRoutes(server, parts as unknown as Bluejay);
      more.register?.(server);
    },
  });
  signers.signer = site.signer;
  for (const id of [1, 2, 3, 4]) site.alts.set(id, `Instrument ${id}`);
  const example =
    more.isEmpty === true ? NONE : fillStories(site.content, { pictures: [1, 2, 3, 4], file: PDF, nowMs: clock.nowMs });
  return {
    ...site,
    database,
    example,
    logged,
    counted,
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      opened[Symbol.dispose]();
    },
  };
};

const NONE: ExampleStories = {
  category: 0,
  secondCategory: 0,
  product: 0,
  draftProduct: 0,
  solution: 0,
  post: 0,
  industry: 0,
  topic: 0,
  whitepaper: 0,
  appearsAtMs: 0,
};

const pdf = {
  id: PDF,
  alt: '',
  originalName: 'calibrate.pdf',
  mimeType: 'application/pdf',
  kind: 'document' as const,
  bytes: 2_345_678,
  width: null,
  height: null,
  isDecorative: false,
  focal: { x: 50, y: 50 },
  downloads: 0,
  createdAtMs: 0,
  createdBy: null,
};
