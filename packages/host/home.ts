import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { homeNotTraversable, homeNotWritable, homePathTooLong, homeUnknown } from './errors.ts';

/** Where everything that one platform keeps is. */
export type HomeLayout = {
  readonly home: string;
  /** The state database. */
  readonly journal: string;
  /** Held locked by the daemon, see lock.ts; nothing else may open it. */
  readonly lock: string;
  readonly log: string;
  readonly run: string;
  readonly socket: string;
  /** Who the daemon is and since when, as JSON. */
  readonly daemonRecord: string;
  readonly apps: string;
  app(app: string): AppLayout;
  /** What the edge may serve from disk. */
  readonly public: string;
  publicOf(app: string): string;
  readonly sources: string;
  readonly edge: string;
  readonly secrets: string;
  /** Records of the instances, see the runtime's drivers. */
  readonly instances: string;
  /** HOME of builds, with the caches of their tools. */
  readonly builder: string;
  /** System packages unpacked without root. */
  readonly parts: string;
  /** Berth's own Node, for apps that do not bring theirs. */
  readonly node: string;
  readonly compileCache: string;
  /** What follows the databases: what it remembers, and what waits for the targets. */
  readonly replicator: string;
  /** Of restic; may be deleted at any time. */
  readonly treeCache: string;
};

export type AppLayout = {
  readonly root: string;
  readonly builds: string;
  readonly stores: string;
  readonly logs: string;
  /** HOME of its programs. */
  readonly home: string;
  /** Secrets that its instances asked for as files. */
  readonly secrets: string;
};

/** BERTH_HOME, else one place for the machine (root) or for the user. Throws HOME_PATH_TOO_LONG, HOME_UNKNOWN. */
export const resolveHome = (env: Readonly<Record<string, string | undefined>>, uid: number): string => {
  const home = resolve(env.BERTH_HOME || defaultHome(env, uid));
  if (Buffer.byteLength(home) > HOME_BYTES_MAX) throw homePathTooLong(home, HOME_BYTES_MAX);
  return home;
};

export const homeLayout = (home: string): HomeLayout => {
  const below = (...names: string[]): string => join(home, ...names);
  return {
    home,
    journal: below('journal.db'),
    lock: below('run', 'lock.db'),
    log: below('berthd.log'),
    run: below('run'),
    socket: below('run', 'berthd.sock'),
    daemonRecord: below('run', 'daemon.json'),
    apps: below('apps'),
    app: (app) => appLayout(below('apps', app)),
    public: below('public'),
    publicOf: (app) => below('public', app),
    sources: below('sources'),
    edge: below('edge'),
    secrets: below('secrets'),
    instances: below('instances'),
    builder: below('builder'),
    parts: below('parts'),
    node: below('node'),
    compileCache: below('cache', 'compile'),
    replicator: below('replicator'),
    treeCache: below('cache', 'trees'),
  };
};

/**
 * Creates what is missing, sets every mode. Users of apps may pass through the home (0711) but see only what is opened
 * to them. Throws HOME_NOT_WRITABLE, and as root HOME_NOT_TRAVERSABLE when they could not even reach it.
 */
export const prepareHome = (home: string, uid: number): HomeLayout => {
  const layout = homeLayout(home);
  const passable = [layout.home, layout.apps, layout.public, layout.edge];
  const readable = [layout.parts, layout.node];
  const secluded = [
    layout.run,
    layout.sources,
    layout.secrets,
    layout.instances,
    dirname(layout.compileCache),
    layout.compileCache,
    layout.replicator,
    layout.treeCache,
  ];
  try {
    for (const directory of passable) ensureDirectory(directory, 0o711);
    for (const directory of readable) ensureDirectory(directory, 0o755);
    for (const directory of secluded) ensureDirectory(directory, 0o700);
    accessSync(home, constants.W_OK);
  } catch (cause) {
    throw homeNotWritable(home, whyNotWritable(home) ?? cause);
  }
  if (uid === 0) checkTraversable(home);
  return layout;
};

export const ensureDirectory = (path: string, mode: number): void => {
  mkdirSync(path, { recursive: true, mode });
  // The mode given to mkdir is cut by the umask, and not looked at when the directory was there.
  if ((statSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
};

/** A unix socket's path has 107 bytes at most (unix(7)); the longest below a home, HAProxy's own temporary ones included, takes 43. */
const HOME_BYTES_MAX = 64;

const defaultHome = (env: Readonly<Record<string, string | undefined>>, uid: number): string => {
  if (uid === 0) return '/var/lib/berth';
  if (env.XDG_DATA_HOME) return join(env.XDG_DATA_HOME, 'berth');
  if (env.HOME) return join(env.HOME, '.local', 'share', 'berth');
  throw homeUnknown();
};

const appLayout = (root: string): AppLayout => ({
  root,
  builds: join(root, 'builds'),
  stores: join(root, 'stores'),
  logs: join(root, 'logs'),
  home: join(root, 'home'),
  secrets: join(root, 'secrets'),
});

/** On a read-only file system Node says that a directory is missing; the nearest one that is there tells the reason. */
const whyNotWritable = (path: string): unknown => {
  try {
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' && path !== '/' ? whyNotWritable(dirname(path)) : error;
  }
};

const checkTraversable = (home: string): void => {
  for (let directory = dirname(home); ; directory = dirname(directory)) {
    if ((statSync(directory).mode & 0o001) === 0) throw homeNotTraversable(home, directory);
    if (directory === '/') return;
  }
};
