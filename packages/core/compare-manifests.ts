import type { BackupPolicy, Health, HostRoutes, Manifest, Route, SecretUse, Service, Store } from './manifest/model.ts';
import { formatDuration, formatSize } from './manifest/quantities.ts';

/**
 * What differs, one line each, as a receipt shows it: "services.web.instances 1 → 2", "routes: added pad.example.com/api/".
 * Values of the environment are never among it, since people do put secrets there.
 */
export const compareManifests = (before: Manifest, after: Manifest): string[] => [
  ...change('app', before.app, after.app),
  ...change('source', showSource(before.source), showSource(after.source)),
  ...change('directory', before.directory ?? '.', after.directory ?? '.'),
  ...change('build', shown(before.build), shown(after.build)),
  ...change('release', describeRelease(before), describeRelease(after)),
  ...compareNamed('services', byName(before.services), byName(after.services), compareServices),
  ...compareNamed('stores', byName(before.stores), byName(after.stores), compareStores),
  ...compareBackups(before.backup, after.backup),
  ...compareNamed('routes', routesOf(before.routes), routesOf(after.routes), (name, a, b) =>
    compareRoutes(`routes: ${name}`, a, b),
  ),
  ...compareHostHeaders(before.routes, after.routes),
];

const change = (what: string, before: string, after: string): string[] =>
  before === after ? [] : [`${what} ${before} → ${after}`];

const changed = (what: string, before: unknown, after: unknown): string[] => (same(before, after) ? [] : [`${what} changed`]);

const byName = <Item extends { readonly name: string }>(items: readonly Item[]) =>
  new Map(items.map((item) => [item.name, item]));

const compareNamed = <Item>(
  what: string,
  before: ReadonlyMap<string, Item>,
  after: ReadonlyMap<string, Item>,
  compare: (name: string, before: Item, after: Item) => string[],
): string[] => [
  ...[...after.keys()].filter((name) => !before.has(name)).map((name) => `${what}: added ${name}`),
  ...[...before.keys()].filter((name) => !after.has(name)).map((name) => `${what}: removed ${name}`),
  ...[...after].flatMap(([name, item]) => {
    const earlier = before.get(name);
    return earlier === undefined ? [] : compare(name, earlier, item);
  }),
];

const compareServices = (name: string, before: Service, after: Service): string[] => {
  const at = `services.${name}`;
  return [
    ...change(`${at}.run`, shown(before.run), shown(after.run)),
    ...change(`${at}.instances`, String(before.instances), String(after.instances)),
    ...change(`${at}.switch`, before.switch, after.switch),
    ...change(`${at}.listen`, shown(before.listen), shown(after.listen)),
    ...compareHealth(`${at}.health`, before.health, after.health),
    ...change(`${at}.stop.signal`, before.stop.signal, after.stop.signal),
    ...change(`${at}.stop.within`, formatDuration(before.stop.withinMs), formatDuration(after.stop.withinMs)),
    ...change(`${at}.limits.memory`, showSize(before.limits.memoryBytes), showSize(after.limits.memoryBytes)),
    ...change(`${at}.limits.cpu`, shown(before.limits.cpu), shown(after.limits.cpu)),
    ...change(`${at}.limits.files`, String(before.limits.files), String(after.limits.files)),
    ...change(`${at}.needs`, showList(before.needs), showList(after.needs)),
    ...compareEnv(at, before.env, after.env),
    ...compareSecrets(at, before.secrets, after.secrets),
  ];
};

const compareHealth = (at: string, before: Health, after: Health): string[] => [
  ...change(at, showCheck(before.check), showCheck(after.check)),
  ...change(`${at}.every`, formatDuration(before.everyMs), formatDuration(after.everyMs)),
  ...change(`${at}.timeout`, formatDuration(before.timeoutMs), formatDuration(after.timeoutMs)),
  ...change(`${at}.fails`, String(before.fails), String(after.fails)),
  ...change(`${at}.start`, formatDuration(before.startMs), formatDuration(after.startMs)),
];

const compareEnv = (at: string, before: Service['env'], after: Service['env']): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    const had = Object.hasOwn(before, name);
    const has = Object.hasOwn(after, name);
    if (had && has && before[name] === after[name]) return [];
    return [`${at}.env ${name} ${had && has ? 'changed' : has ? 'added' : 'removed'}`];
  });

const compareSecrets = (at: string, before: readonly SecretUse[], after: readonly SecretUse[]): string[] =>
  compareNamed(`${at}.secrets`, byName(before), byName(after), (name, a, b) => [
    ...change(`${at}.secrets.${name}.as`, a.as, b.as),
    ...change(`${at}.secrets.${name}.generate`, String(a.generate), String(b.generate)),
  ]);

const compareStores = (name: string, before: Store, after: Store): string[] =>
  change(`stores.${name}`, `${before.kind} ${before.path}`, `${after.kind} ${after.path}`);

const compareBackups = (before: BackupPolicy, after: BackupPolicy): string[] => [
  ...change('backup.keep', formatDuration(before.keepMs), formatDuration(after.keepMs)),
  ...change('backup.files', formatDuration(before.filesEveryMs), formatDuration(after.filesEveryMs)),
  ...change('backup.drill', showRhythm(before.drillEveryMs), showRhythm(after.drillEveryMs)),
  ...change('backup.check', shown(before.check), shown(after.check)),
];

const showRhythm = (everyMs: number | null): string => (everyMs === null ? 'never' : `every ${formatDuration(everyMs)}`);

type RouteEntry = Route | { readonly redirect: string };

/** A host that only redirects is one entry, named by its host; every other path is an entry. */
const routesOf = (hosts: readonly HostRoutes[]): Map<string, RouteEntry> =>
  new Map(
    hosts.flatMap(({ host, redirect, paths }): [string, RouteEntry][] =>
      redirect === null ? paths.map((route) => [`${host}${route.path}`, route]) : [[host, { redirect }]],
    ),
  );

const compareRoutes = (at: string, before: RouteEntry, after: RouteEntry): string[] => {
  if ('redirect' in before || 'redirect' in after) return change(at, showEntry(before), showEntry(after));
  return [
    ...change(at, showEntry(before), showEntry(after)),
    ...change(`${at} limit`, showLimit(before.limit), showLimit(after.limit)),
    ...change(`${at} body`, showSize(before.maxBodyBytes), showSize(after.maxBodyBytes)),
    ...change(`${at} timeout`, showDuration(before.timeoutMs), showDuration(after.timeoutMs)),
    ...changed(`${at} headers`, before.headers, after.headers),
  ];
};

const compareHostHeaders = (before: readonly HostRoutes[], after: readonly HostRoutes[]): string[] =>
  after.flatMap(({ host, headers }) => {
    const earlier = before.find((each) => each.host === host);
    return earlier === undefined ? [] : changed(`routes: ${host} headers`, earlier.headers, headers);
  });

const showEntry = (entry: RouteEntry): string => {
  if ('redirect' in entry) return `redirect to ${entry.redirect}`;
  const { to } = entry;
  switch (to.kind) {
    case 'service':
      return `service ${to.service}`;
    case 'redirect':
      return `redirect ${to.status} to ${to.location}`;
    case 'files': {
      const root =
        to.root.from === 'release' ? to.root.directory : `\${stores.${to.root.store}}/${to.root.directory}`.replace(/\/\.$/, '');
      return `files ${root} (cache ${to.cache.kind === 'age' ? formatDuration(to.cache.seconds * 1000) : to.cache.kind})`;
    }
  }
};

const showSource = (source: Manifest['source']): string =>
  source === undefined ? 'none' : `${source.root} with ${source.include === null ? 'everything' : showList(source.include)}`;

const describeRelease = ({ release }: Manifest): string =>
  release === null ? 'none' : `${shown(release.run)} (${release.when})`;

const showCheck = (check: Health['check']): string => {
  switch (check.kind) {
    case 'http':
      return check.path;
    case 'command':
      return `command ${shown(check.run)}`;
    case 'tcp':
    case 'alive':
      return check.kind;
  }
};

const showLimit = (limit: Route['limit']): string =>
  limit === null ? 'none' : `${limit.requests}/${formatDuration(limit.perMs)} burst ${limit.burst}`;
const showSize = (bytes: number | null): string => (bytes === null ? 'none' : formatSize(bytes));
const showDuration = (ms: number | null): string => (ms === null ? 'none' : formatDuration(ms));
const showList = (items: readonly string[]): string => (items.length === 0 ? 'none' : items.join(', '));

const LONGEST_SHOWN = 60;

/** Commands can be long, and a receipt has one line. */
const shown = (value: string | number | null): string => {
  if (value === null) return 'none';
  const line = String(value).replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN - 1)}…` : line;
};

/** Headers are compared whatever their order. */
const same = (before: unknown, after: unknown): boolean => JSON.stringify(sorted(before)) === JSON.stringify(sorted(after));
const sorted = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)) : value;
