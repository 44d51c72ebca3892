/** For tests: the panel's forms as they are built and served, in Chromium, over content in memory. */
import assert from 'node:assert/strict';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import type { FastifyReply } from 'fastify';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import type { Session } from '../../../accounts/session.ts';
import type { Content } from '../../../content/content.ts';
import { openTestContent } from '../../../content/testing/test-content.ts';
import type { Html } from '../../../html/html.ts';
import { html } from '../../../html/html.ts';
import { buildPage } from '../../../page/build.ts';
import { sessionFor } from './form-parts.ts';
import { openFormServer, sendScreen } from './form-server.ts';

export type FormSite = {
  readonly content: Content;
  readonly base: string;
  /** Who is logged in; undefined: nobody. Set by tests. */
  state: { session: Session | undefined };
  /** Shown by the page at /page: HTML that a test wants to see in a browser. */
  show(body: Html): void;
  /** A browser of its own. `complaints` are errors of the console: scripts that failed, and what the policy refused. */
  open(at: string, options?: BrowserContextOptions): Promise<{ readonly page: Page; readonly complaints: readonly string[] }>;
};

const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2' };

/** Registers what builds the page and starts server and browser for the tests of one file, and what ends them. */
export const installFormSite = (): (() => FormSite) => {
  let site: FormSite | undefined;
  const ends: (() => unknown)[] = [];
  before(async () => {
    const directory = await temporaryDirectory('bluejay-form-');
    ends.push(() => directory[Symbol.asyncDispose]());
    await buildPage({ outputDirectory: directory.path });
    const { content, [Symbol.dispose]: close } = await openTestContent();
    ends.push(close);
    const state: FormSite['state'] = { session: sessionFor() };
    const shown = { body: html`` };
    const server = await openFormServer({ content, state });
    server.get('/page', (_, reply) => sendScreen(reply, { title: 'Page', session: sessionFor(), section: '', body: shown.body }));
    server.get<{ Params: { name: string } }>('/public/:name', (request, reply) =>
      sendBuilt(directory.path, request.params.name, reply),
    );
    ends.push(() => server.close());
    const base = await server.listen({ port: 0, host: '127.0.0.1' });
    const browser: Browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    ends.push(() => browser.close());
    site = {
      content,
      base,
      state,
      show: (body) => {
        shown.body = body;
      },
      async open(at, options = {}) {
        const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
        const page = await context.newPage();
        const complaints: string[] = [];
        page.on('pageerror', (error) => complaints.push(error.message));
        page.on('console', (message) => {
          // What a test makes the server answer is told by the browser itself.
          const isAnswer = /Failed to load resource/.test(message.text());
          if (message.type() === 'error' && !isAnswer) complaints.push(message.text());
        });
        await page.goto(base + at);
        return { page, complaints };
      },
    };
  });
  after(async () => {
    for (const end of ends.toReversed()) await end();
  });
  return () => {
    assert.ok(site !== undefined);
    return site;
  };
};

/** By its name in `page/`, or by the one it was built under, now or in another checkout. */
const sendBuilt = (directory: string, name: string, reply: FastifyReply): FastifyReply => {
  const manifest = JSON.parse(readFileSync(path.join(directory, 'manifest.json'), 'utf8')) as Record<string, { file: string }>;
  const isThere = existsSync(path.join(directory, 'public', name));
  const entry = manifest[name] ?? manifest[name.replace(/-[\w-]{8}\.js$/, '.ts')];
  const file = path.join(directory, 'public', isThere ? name : (entry?.file ?? name));
  if (!existsSync(file)) return reply.code(404).send('not built');
  return reply.type(TYPES[path.extname(file)] ?? 'application/octet-stream').send(createReadStream(file));
};
