/** What visitors get. */
import { join } from 'node:path';
import { isOtherValue, otherValueOf } from '@berth/core';
import { isPublicName } from '@berth/host';
import { type Answer, ask, type Place } from '../facts/ask.ts';
import type { AppFact, Facts, InstanceFact } from '../facts/facts.ts';
import { lastLines } from '../facts/text-end.ts';
import type { Rule, Seen } from '../finding.ts';
import { perApp } from './app-start.ts';
import { isMeantToRun } from './platform.ts';

const notAnswering: Rule = {
  id: 'app-not-answering',
  area: 'requests',
  symptom: '502, 503 or 504 instead of the site; everybody who opens it is told to log in',
  looks: 'the first page of every host through the edge, and the same page of an instance without it',
  probe: (facts) =>
    perPage(facts, async ({ app, host, page, direct }) => {
      // The edge holds requests for a while when nobody takes them; an edge that is silent altogether has a rule of its own.
      if (page.kind === 'silence' ? page.code !== 'ETIMEDOUT' : page.status < 500) return [];
      const own = await direct();
      const isWell = own?.kind === 'answer' && own.status < 500;
      if (page.kind === 'silence' ? isWell : own?.kind === 'answer' && !isWell) return [];
      const serving = app.instances.filter(({ want }) => want === 'serving');
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            page.kind === 'silence'
              ? `a request for ${host} is not answered within ${facts.bounds.answerMs / 1_000} s`
              : `the edge answers ${host} with ${page.status}`,
            own === null
              ? 'no instance runs'
              : own.kind === 'answer'
                ? `an instance itself answers with ${own.status}`
                : `an instance does not answer on its port (${own.code})`,
            ...serving.map(
              ({ id, port, status, pids }) =>
                `${id}, port ${port ?? '-'}: ${status?.state ?? (pids.length > 0 ? 'runs' : 'does not run')}${status?.reason ? `, ${status.reason}` : ''}`,
            ),
          ],
          cause: isWell
            ? 'the app is well, and the edge does not reach it: it counts as unhealthy, or answers too slowly'
            : 'the app has stopped, crashed, or does not listen on its port',
          fix: `berth logs ${app.name} --tail 100   # then: berth restart ${app.name}`,
        },
      ];
    }),
};

const healthyButBroken: Rule = {
  id: 'healthy-but-broken',
  area: 'requests',
  symptom: 'the health check is fine and the site is broken',
  looks: 'whether an instance that passes its health check answers its first page with an error',
  probe: (facts) =>
    perPage(facts, async ({ app, instance, direct }) => {
      if (instance?.declared?.health.check.kind !== 'http') return [];
      const { path } = instance.declared.health.check;
      const [own, health] = [await direct(), await askInstance(facts, instance, path)];
      if (own?.kind !== 'answer' || own.status < 500 || health.kind !== 'answer' || health.status >= 400) return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [`${instance.id} answers / with ${own.status} and its health check ${path} with ${health.status}`],
          cause: 'its health check asks for less than the site needs: the database, the disk, templates',
          fix: `berth logs ${app.name} --level error   # and let \`health:\` in berth.yaml name a page that asks its database`,
        },
      ];
    }),
};

const tooSlow: Rule = {
  id: 'answers-too-late',
  area: 'requests',
  symptom: 'some pages end with 504 after a long wait',
  looks: 'the answers of the last hour in the log of the edge (its last 64 KB)',
  probe: (facts) => {
    const fromSeconds = facts.now().getTime() / 1_000 - 3_600;
    const lines = lastLines(join(facts.layout.edge, 'access.log'), 1_000).flatMap(parseAccess);
    return perApp(facts, (app) => {
      const late = lines.filter((line) => line.app === app.name && line.status === 504 && line.time >= fromSeconds);
      const last = late.at(-1);
      if (last === undefined) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [
            `${late.length} answers with 504 in the last hour, the last for ${last.method} ${last.path} after ${last.totalMs} ms`,
          ],
          cause: 'the app did not answer within the time-out of its route: it waits for a database, another service, or computes',
          fix: `berth logs ${app.name} --since 1h   # slow by nature: a higher \`timeout:\` at its route in berth.yaml`,
        },
      ];
    });
  },
};

const secureCookie: Rule = {
  id: 'secure-cookie-over-http',
  area: 'requests',
  symptom: 'visitors are logged out at once, or cannot log in at all',
  looks: 'Set-Cookie of the first page and the usual login pages, on platforms without TLS',
  probe: (facts) => {
    const { settings } = facts;
    // Behind a proxy that speaks TLS, and on names of this machine, browsers take such a cookie.
    if (settings === null || settings.httpsPort !== null || settings.trustedProxies.length > 0) return Promise.resolve([]);
    return perPage(facts, async ({ app, host, place }) => {
      if (!isPublicName(host)) return [];
      for (const path of LOGIN_PAGES) {
        const answer = await ask(place, path, { timeoutMs: facts.bounds.answerMs });
        const cookie =
          answer.kind === 'answer' ? answer.headers['set-cookie']?.find((text) => /;\s*secure\b/i.test(text)) : undefined;
        if (cookie === undefined) continue;
        return [
          {
            severity: 'problem',
            app: app.name,
            evidence: [`http://${host}${path} sets the cookie ${cookie.split('=')[0]} with Secure, and is served without TLS`],
            cause: 'browsers drop a Secure cookie that comes over plain HTTP',
            fix: 'berth up --http 80 --https 443   # serve with TLS; behind a proxy with TLS: berth up --trusted-proxy ADDRESS',
          },
        ];
      }
      return [];
    });
  },
};

const secretChanged: Rule = {
  id: 'session-secret-changed',
  area: 'requests',
  symptom: 'everybody was logged out at the same moment',
  looks: 'whether a secret that signs sessions was changed in the last six hours',
  probe: (facts) =>
    perApp(facts, (app) => {
      const secrets = facts.journal?.configuration.secrets(app.name) ?? [];
      const names = new Set(secrets.map(({ name }) => name));
      // While a secret is rotated the app believes both values, and nobody notices.
      const isRotated = (name: string): boolean => names.has(otherValueOf(name)) || isOtherValue(name, names);
      const changed = secrets.filter(
        ({ name, version, setAt }) =>
          version > 1 &&
          !isRotated(name) &&
          SESSION_SECRET.test(name) &&
          facts.now().getTime() - Date.parse(setAt) < facts.bounds.secretChangedMs,
      );
      if (changed.length === 0) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: changed.map(({ name, version, setAt }) => `${name} was set anew at ${setAt} (version ${version})`),
          cause: 'sessions that were signed with the old secret are no longer valid: people have to log in once more',
          fix: `berth secret ${app.name}   # nothing to mend if it was meant; keep this secret from now on`,
        },
      ];
    }),
};

const immutableNames: Rule = {
  id: 'cached-for-ever',
  area: 'requests',
  symptom: 'visitors see the old CSS or script after a deploy',
  looks: 'scripts and style sheets of the first page: names without a hash that may be kept for 30 days or more',
  probe: (facts) =>
    perPage(facts, async ({ app, host, page, place }) => {
      if (page.kind !== 'answer' || page.status >= 400) return [];
      const wrong: string[] = [];
      for (const path of assetsOf(page.body).slice(0, 8)) {
        if (hasHash(path)) continue;
        const answer = await ask(place, path, { timeoutMs: facts.bounds.answerMs });
        const control = answer.kind === 'answer' && answer.status === 200 ? (answer.headers['cache-control'] ?? '') : '';
        const seconds = Number(/max-age=(\d+)/.exec(control)?.[1] ?? 0);
        if (control.includes('immutable') || seconds >= 30 * 86_400) wrong.push(`${host}${path}: cache-control ${control}`);
      }
      if (wrong.length === 0) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: wrong,
          cause: 'the name stays the same when the content changes, and browsers were told not to ask again',
          fix: `berth deploy   # after names carry a hash of their content (style.3f2a91bc.css), or with \`cache: 1h\` at the route`,
        },
      ];
    }),
};

const stalePage: Rule = {
  id: 'stale-page',
  area: 'requests',
  symptom: 'edited content does not become visible',
  looks: 'the first page with and without `Cache-Control: no-cache`, twice',
  probe: (facts) =>
    perPage(facts, async ({ app, host, page, place }) => {
      if (page.kind !== 'answer' || page.status !== 200) return [];
      const fresh = async (): Promise<string | null> => {
        const answer = await ask(place, '/', {
          timeoutMs: facts.bounds.answerMs,
          headers: { 'cache-control': 'no-cache', pragma: 'no-cache' },
        });
        return answer.kind === 'answer' && answer.status === 200 ? answer.body : null;
      };
      const first = await fresh();
      if (first === null || first === page.body) return [];
      const kept = await ask(place, '/', { timeoutMs: facts.bounds.answerMs });
      // A page that is another each time (a nonce, a clock) says nothing about caches.
      if (kept.kind !== 'answer' || kept.body !== page.body || (await fresh()) !== first) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [
            `${host}/ has ${page.body.length} characters from the cache and ${first.length} when the cache is passed by; the two differ`,
          ],
          cause: 'a cache was not emptied when the content changed',
          fix: `berth restart ${app.name}   # empties what it holds in memory; then let a change invalidate the pages that show it`,
        },
      ];
    }),
};

export const requestRules: readonly Rule[] = [
  notAnswering,
  healthyButBroken,
  tooSlow,
  secureCookie,
  secretChanged,
  immutableNames,
  stalePage,
];

const LOGIN_PAGES = ['/', '/login', '/admin', '/admin/login'];
const SESSION_SECRET = /SESSION|COOKIE|JWT|SECRET_KEY|AUTH_SECRET|^SECRET$/;

type Page = {
  readonly app: AppFact;
  readonly host: string;
  readonly place: Place;
  readonly page: Answer;
  /** Of the service that answers the first page; null when none runs. */
  readonly instance: InstanceFact | null;
  direct(): Promise<Answer | null>;
};

/** The first page of every host whose first page an app's service answers. */
const perPage = async (facts: Facts, look: (page: Page) => Promise<readonly Seen[]>): Promise<readonly Seen[]> => {
  if (!(await isMeantToRun(facts))) return [];
  return perApp(facts, async (app) => {
    if (app.state !== 'running' || (app.status?.operation ?? null) !== null) return [];
    // In the order of `hosts`, which are of these alone.
    const answering = app.manifest.routes.filter(({ redirect, paths }) => redirect === null && paths.length > 0);
    const found = answering.flatMap(({ paths }, index) => {
      const host = app.hosts[index];
      const first = paths.find(({ path }) => path === '/');
      const place = host === undefined ? null : facts.edgePlace(host);
      if (host === undefined || place === null || first?.to.kind !== 'service') return [];
      return [pageOf(facts, { app, host, place, service: first.to.service }, look)];
    });
    return (await Promise.all(found)).flat();
  });
};

type Wanted = Pick<Page, 'app' | 'host' | 'place'> & { readonly service: string };

const pageOf = async (
  facts: Facts,
  { service, ...known }: Wanted,
  look: (page: Page) => Promise<readonly Seen[]>,
): Promise<readonly Seen[]> => {
  const instance =
    known.app.instances.find((it) => it.service === service && it.want === 'serving' && it.pids.length > 0 && it.port !== null) ??
    null;
  const page = await ask(known.place, '/', { timeoutMs: facts.bounds.answerMs });
  return look({ ...known, page, instance, direct: async () => (instance === null ? null : askInstance(facts, instance, '/')) });
};

const askInstance = (facts: Facts, { port }: InstanceFact, path: string): Promise<Answer> =>
  ask({ tls: false, address: '127.0.0.1', port: port ?? 0, host: 'localhost' }, path, { timeoutMs: facts.bounds.answerMs });

type Access = {
  readonly app: string;
  readonly status: number;
  readonly time: number;
  readonly method: string;
  readonly path: string;
  readonly totalMs: number;
};

/** The first of the lines that are read may be cut off. */
const parseAccess = (line: string): readonly Access[] => {
  try {
    return [JSON.parse(line) as Access];
  } catch {
    return [];
  }
};

/** Of scripts and style sheets on this host. */
export const assetsOf = (html: string): readonly string[] =>
  [...html.matchAll(/<(?:script|link)\b[^>]*?\b(?:src|href)=["']?(\/(?!\/)[^"' >]+)/gi)]
    .map(([, path = '']) => path)
    .filter((path) => /\.(?:css|m?js)(?:\?|$)/.test(path));

/** "app.3f2a91bc.js", "/9f8e7d6c5b/app.js", "app.js?v=12": eight letters or digits with a digit among them, or a version. */
export const hasHash = (path: string): boolean =>
  /[?&](?:v|version|h|hash)=/.test(path) ||
  path.split(/[/.?&=_-]/).some((part) => /^[\w]{8,}$/.test(part) && /\d/.test(part)) ||
  // As Vite and Rollup write it: eight letters of base64url, which need not hold a digit, and may hold "-" and "_".
  /[-.](?=[\w-]*[A-Z\d_])[\w-]{8}\.[a-z]+$/.test(path);
