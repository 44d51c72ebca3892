import type { EdgeState } from '../state.ts';
import { serverParameters } from './configuration.ts';
import { type MapName, type Maps, mapNames } from './maps.ts';
import { backendsOf } from './names.ts';
import type { ObservedServer } from './observed.ts';
import { word } from './runtime-api.ts';

/** What a running HAProxy has that can be changed without a reload. */
export type Observed = { readonly servers: readonly ObservedServer[]; readonly maps: Maps };

export type Command = {
  readonly line: string;
  readonly payload?: string;
  /** Answers that mean success, beside an empty one. */
  readonly accept?: RegExp;
  /** Sent again until it is accepted: a server can only go once its last connection has. */
  readonly patient?: true;
};

/**
 * The commands that take HAProxy from what it has to what is wanted. Their order is what keeps requests safe: arm the hold,
 * bring servers in, move routes, take servers out, disarm, remove.
 */
export const planCommands = (wanted: { state: EdgeState; maps: Maps }, observed: Observed): readonly Command[] => {
  const servers = planServers(wanted.state, observed.servers);
  const hold = planMap('hold.map', wanted.maps['hold.map'], observed.maps['hold.map']);
  const maps = mapNames
    .filter((name) => name !== 'hold.map')
    .map((name) => planMap(name, wanted.maps[name], observed.maps[name]));
  return [
    ...hold.set,
    ...servers.bringIn,
    ...maps.flatMap(({ set }) => set),
    ...maps.flatMap(({ remove }) => remove),
    ...servers.takeOut,
    ...hold.remove,
    ...servers.remove,
  ];
};

/** Servers of backends that the structure does not have yet are left out: they come with the reload. */
const planServers = (state: EdgeState, observed: readonly ObservedServer[]) => {
  const bringIn: Command[] = [];
  const takeOut: Command[] = [];
  const remove: Command[] = [];
  for (const { backend, service } of backendsOf(state.services)) {
    const here = observed.filter((server) => server.backend === backend);
    const checked = service.check.kind !== 'none';
    for (const server of service.servers) {
      const path = `${backend}/${server.id}`;
      const found = here.find(({ name }) => name === server.id);
      const ready = server.state === 'ready' ? readiness(path, checked) : [];
      if (found === undefined) bringIn.push(...addition(path, server.port, serverParameters(service.check), checked), ...ready);
      // The same name on another port: the old one has to go first.
      else if (found.port !== server.port)
        remove.push(...removal(path), ...addition(path, server.port, serverParameters(service.check), checked), ...ready);
      else if (server.state === 'ready' && found.maint) bringIn.push(...ready);
      else if (server.state === 'maint' && !found.maint) takeOut.push({ line: `set server ${path} state maint` });
    }
    const gone = here.filter(({ name }) => !service.servers.some(({ id }) => id === name));
    for (const { name, maint } of gone) {
      if (!maint) takeOut.push({ line: `set server ${backend}/${name} state maint` });
      remove.push(...removal(`${backend}/${name}`));
    }
  }
  return { bringIn, takeOut, remove };
};

const addition = (path: string, port: number, parameters: string, checked: boolean): readonly Command[] => [
  { line: `add server ${path} 127.0.0.1:${port} ${parameters}`, accept: /New server registered/ },
  ...(checked ? [{ line: `enable health ${path}` }] : []),
];

/**
 * A server begins one failed check away from being down, so a moment's pause of the machine would make it so. It has been
 * probed before it was named here: it gets the credit of one that has answered for a while.
 */
const readiness = (path: string, checked: boolean): readonly Command[] => [
  { line: `set server ${path} state ready` },
  ...(checked ? [{ line: `set server ${path} health up` }] : []),
];

/**
 * What a new worker has to be told: it takes every server for up, and again one failed check away from down. What the worker
 * before it found out is passed on.
 */
export const planHealth = (state: EdgeState, before: readonly ObservedServer[]): readonly Command[] =>
  backendsOf(state.services)
    .filter(({ service }) => service.check.kind !== 'none')
    .flatMap(({ backend, service }) =>
      service.servers
        .filter((server) => server.state === 'ready')
        .map(({ id, port }) => {
          const known = before.find(
            (server) => server.backend === backend && server.name === id && server.port === port && !server.maint,
          );
          return { line: `set server ${backend}/${id} health ${known?.down ? 'down' : 'up'}` };
        }),
    );

/** Idle connections to it would keep a server for seconds; a new address makes HAProxy close them. */
const removal = (path: string): readonly Command[] => [
  { line: `shutdown sessions server ${path}` },
  { line: `set server ${path} addr 127.0.0.1 port 1`, accept: /changed|no need to change/ },
  { line: `del server ${path}`, accept: /Server deleted/, patient: true },
];

/** HAProxy reads a command and its payload into one buffer of 16 KB. */
const PAYLOAD_BYTES = 12_000;

const planMap = (name: MapName, wanted: ReadonlyMap<string, string>, observed: ReadonlyMap<string, string>) => {
  const added = [...wanted].filter(([key]) => !observed.has(key));
  const changed = [...wanted].filter(([key, value]) => observed.has(key) && observed.get(key) !== value);
  const removed = [...observed.keys()].filter((key) => !wanted.has(key));
  return {
    set: [
      ...payloads(added).map((payload): Command => ({ line: `add map ${name}`, payload })),
      ...changed.map(([key, value]): Command => ({ line: `set map ${name} ${word(key)} ${word(value)}` })),
    ],
    remove: removed.map((key): Command => ({ line: `del map ${name} ${word(key)}` })),
  };
};

const payloads = (entries: readonly (readonly [string, string])[]): readonly string[] => {
  const all: string[] = [];
  for (const [key, value] of entries) {
    const line = `${key} ${value}\n`;
    const last = all.at(-1);
    if (last !== undefined && last.length + line.length <= PAYLOAD_BYTES) all[all.length - 1] = last + line;
    else all.push(line);
  }
  return all;
};

/** What a running HAProxy still lacks, in words; empty when it does what was asked for. */
export const differences = (wanted: { state: EdgeState; maps: Maps }, observed: Observed): readonly string[] =>
  planCommands(wanted, observed).map(({ line }) => line);
