import type { Checked, Names } from './check.ts';
import { hostMistake } from './names.ts';
import type { Finding, Path } from './problem.ts';
import type { Draft } from './schema.ts';
import { hostKeys, pathKeys, type HostDraft, type PathDraft } from './schema-route.ts';
import { didYouMean } from './suggestion.ts';

export const checkRoutes = (draft: Draft, names: Names): Checked => {
  const hosts = Object.entries(draft.routes ?? {});
  const mistakes: Finding[] = [];
  const warnings: Finding[] = [];
  const seen = new Set<string>();
  for (const [host, part] of hosts) {
    const at = ['routes', host];
    const wrong = hostMistake(host);
    if (wrong !== null) mistakes.push({ path: at, ...wrong, atKey: true });
    else if (seen.has(host.toLowerCase()))
      mistakes.push({
        path: at,
        message: 'this host was given already',
        suggestion: 'put all its paths in one place',
        atKey: true,
      });
    seen.add(host.toLowerCase());
    mistakes.push(...checkHost(at, host, part), ...checkHeaders([...at, 'headers'], part.headers));
    for (const [path, target] of Object.entries(part.paths)) {
      mistakes.push(...checkPath([...at, path], path), ...checkTarget([...at, path], target, draft, names));
      if (target.files !== undefined && /^(\.?\/*)*$/.test(target.files)) {
        warnings.push({
          path: [...at, path, 'files'],
          message: 'this serves the whole release, source and manifest included',
          suggestion: 'name the directory that is meant to be public',
        });
      }
    }
  }
  return { mistakes: [...mistakes, ...checkRedirects(hosts)], warnings };
};

/**
 * Keys of hosts that are neither paths nor options. Asked before the schema runs, which would take them for paths and
 * then complain about what is in them.
 */
export const strayHostKeys = (routes: unknown): Finding[] => {
  if (!isMapping(routes)) return [];
  return Object.entries(routes).flatMap(([host, part]) => {
    if (!isMapping(part)) return [];
    return Object.keys(part)
      .filter((key) => !key.startsWith('/') && !hostKeys.includes(key))
      .map((key): Finding => {
        const suggestion = pathKeys.includes(key)
          ? `put it under a path: \`/: { ${key}: … }\``
          : (didYouMean(key, hostKeys) ?? 'a path begins with a slash');
        return {
          path: ['routes', host, key],
          message: `\`${key.slice(0, 40)}\` is neither a path nor an option of a host`,
          suggestion,
          atKey: true,
        };
      });
  });
};

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkHost = (at: Path, host: string, part: HostDraft): Finding[] => {
  const paths = Object.keys(part.paths);
  if (part.redirect === undefined) {
    return paths.length > 0
      ? []
      : [
          {
            path: at,
            absence: true,
            message: 'this host answers nothing',
            suggestion: 'add a path, such as `/: web`',
            atKey: true,
          },
        ];
  }
  const path = [...at, 'redirect'];
  if (paths.length > 0) {
    return [
      {
        path,
        message: 'the whole host redirects, so its paths would never answer',
        suggestion: 'put the redirect under a path, or remove the paths',
        atKey: true,
      },
    ];
  }
  if (Object.keys(part.headers).length > 0) {
    return [
      { path: [...at, 'headers'], message: 'a host that only redirects sets no headers', suggestion: 'remove it', atKey: true },
    ];
  }
  const wrong = hostMistake(part.redirect);
  if (wrong !== null) return [{ path, ...wrong }];
  return part.redirect.toLowerCase() === host.toLowerCase()
    ? [{ path, message: 'this host redirects to itself', suggestion: null }]
    : [];
};

const checkRedirects = (hosts: readonly (readonly [string, HostDraft])[]): Finding[] => {
  const next = new Map(
    hosts.flatMap(([host, { redirect }]) =>
      redirect === undefined ? [] : [[host.toLowerCase(), redirect.toLowerCase()] as const],
    ),
  );
  const reported = new Set<string>();
  return hosts.flatMap(([written]): Finding[] => {
    const trail = [written.toLowerCase()];
    for (let at = next.get(trail[0] ?? ''); at !== undefined && !trail.includes(at); at = next.get(at)) trail.push(at);
    const closes = next.get(trail.at(-1) ?? '') === trail[0];
    if (!closes || trail.length < 2 || trail.some((host) => reported.has(host))) return [];
    for (const host of trail) reported.add(host);
    return [
      {
        path: ['routes', written, 'redirect'],
        message: `these hosts redirect in a circle: ${[...trail, trail[0]].join(' → ')}`,
        suggestion: null,
      },
    ];
  });
};

const checkPath = (at: Path, path: string): Finding[] => {
  const wrong = (message: string, suggestion: string | null): Finding[] => [{ path: at, message, suggestion, atKey: true }];
  if (path.includes('*')) return wrong('a path has no wildcards', 'a path ending in / answers everything below it');
  if (/[?#]/.test(path)) return wrong('a path stands alone, without query and fragment', null);
  if (/\/\/|\/\.\.?(\/|$)/.test(path)) return wrong('a path has no empty, `.` or `..` segments', null);
  return /^\/[A-Za-z0-9/._~!$&()+,;=:@%-]*$/.test(path)
    ? []
    : wrong('a path is written as in a URL, with other characters %-encoded', null);
};

const targetKeys = ['to', 'files', 'redirect'] as const;

/** Options that only mean something beside one of these targets. */
const optionOf: readonly (readonly [keyof PathDraft, readonly (typeof targetKeys)[number][]])[] = [
  ['status', ['redirect']],
  ['cache', ['files']],
  ['body', ['to']],
  ['timeout', ['to']],
  ['limit', ['to', 'files']],
];

const checkTarget = (at: Path, target: PathDraft, draft: Draft, names: Names): Finding[] => {
  const findings = checkHeaders([...at, 'headers'], target.headers);
  const [kind, second] = targetKeys.filter((key) => target[key] !== undefined);
  if (kind === undefined) {
    return [
      ...findings,
      {
        path: at,
        absence: true,
        message: 'where do these requests go?',
        suggestion: 'add `to:`, `files:` or `redirect:`',
        atKey: true,
      },
    ];
  }
  if (second !== undefined) {
    const message = `a path has one target, but both \`${kind}\` and \`${second}\` are given`;
    return [...findings, { path: [...at, second], message, suggestion: 'keep one of the two', atKey: true }];
  }
  for (const [option, kinds] of optionOf) {
    if (target[option] === undefined || kinds.includes(kind)) continue;
    const needed = kinds.map((each) => `\`${each}\``).join(' or ');
    findings.push({
      path: [...at, option],
      message: `\`${option}\` goes with ${needed}, not with \`${kind}\``,
      suggestion: 'remove it',
      atKey: true,
    });
  }
  if (target.to !== undefined && !names.services.includes(target.to)) {
    findings.push({
      path: [...at, 'to'],
      message: `there is no service \`${target.to.slice(0, 40)}\``,
      suggestion: didYouMean(target.to, names.services),
    });
  }
  if (target.files !== undefined) findings.push(...checkFiles([...at, 'files'], target.files, draft, names));
  return findings;
};

export const STORE_REFERENCE = /^\$\{\s*stores\.([^.}\s]+)(?:\.path)?\s*\}(\/.*)?$/;

const checkFiles = (path: Path, files: string, draft: Draft, names: Names): Finding[] => {
  if (!files.startsWith('$')) return [];
  const store = STORE_REFERENCE.exec(files)?.[1];
  if (store === undefined)
    return [{ path, message: 'only a store can be referred to here', suggestion: 'write it as `${stores.NAME}`' }];
  if (!names.stores.includes(store)) {
    const near = didYouMean(store, names.stores);
    return [{ path, message: `there is no store \`${store.slice(0, 40)}\``, suggestion: near }];
  }
  return Object.hasOwn(draft.stores, store) && draft.stores[store]?.sqlite !== undefined
    ? [{ path, message: `\`${store}\` is a database; only a store of \`files\` can be served`, suggestion: null }]
    : [];
};

/** The edge writes these itself; another value would break the connection or the answer. */
const ownHeaders = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

const checkHeaders = (at: Path, headers: PathDraft['headers']): Finding[] => {
  const seen = new Set<string>();
  return Object.entries(headers).flatMap(([name, value]): Finding[] => {
    const path = [...at, name];
    const lower = name.toLowerCase();
    if (ownHeaders.has(lower))
      return [{ path, message: `\`${name}\` is set by the edge itself`, suggestion: 'remove it', atKey: true }];
    if (seen.has(lower))
      return [{ path, message: `\`${name}\` was given already`, suggestion: 'keep one of the two', atKey: true }];
    seen.add(lower);
    return /[^\t\x20-\x7e]/.test(String(value ?? ''))
      ? [{ path, message: 'a header value is one line of printable ASCII', suggestion: null }]
      : [];
  });
};
