/** Connections that stay open. */
import type { Duplex } from 'node:stream';
import { isPublicName } from '@berth/host';
import { type Answer, askWebSocket, type Place } from '../facts/ask.ts';
import type { AppFact, Facts } from '../facts/facts.ts';
import type { Rule, Seen } from '../finding.ts';
import { perApp } from './app-start.ts';

const refused: Rule = {
  id: 'web-socket-refused',
  area: 'requests',
  symptom: 'live updates do not work; users are always "reconnecting"',
  looks: 'a WebSocket handshake with an instance, and the same one through the public address',
  probe: (facts) =>
    perSocket(facts, async ({ app, host, path, place }) => {
      const through = await askWebSocket(place, path, { timeoutMs: facts.bounds.answerMs });
      if (through.kind === 'upgraded') {
        through.socket.destroy();
        return [];
      }
      // One that does not answer at all has rules of its own.
      if (through.kind === 'silence') return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `${host}${path}: an instance agrees to a WebSocket; through ${place.address}:${place.port} the answer is ${said(through)}`,
          ],
          cause: 'a proxy in front of the edge does not pass `Upgrade` and `Connection` on',
          fix: `curl -i -N -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: YQ==' ${place.tls ? 'https' : 'http'}://${host}${path}   # in nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;`,
        },
      ];
    }),
};

const idleCut: Rule = {
  id: 'web-socket-idle-cut',
  area: 'requests',
  symptom: 'users drop and reconnect every minute or two',
  looks: 'a WebSocket through the public address that is held idle for two minutes, beside one with the instance',
  slow: true,
  probe: (facts) =>
    perSocket(facts, async ({ app, host, path, place, direct }) => {
      const { idleMs, answerMs } = facts.bounds;
      const [through, own] = await Promise.all([
        askWebSocket(place, path, { timeoutMs: answerMs }),
        askWebSocket(direct, path, { timeoutMs: answerMs }),
      ]);
      if (through.kind !== 'upgraded' || own.kind !== 'upgraded') return [];
      const [throughMs, ownMs] = await Promise.all([livesFor(through.socket, idleMs), livesFor(own.socket, idleMs)]);
      if (throughMs === null || (ownMs !== null && ownMs <= throughMs + 2_000)) return [];
      return [
        {
          severity: 'problem',
          app: app.name,
          evidence: [
            `${host}${path} was cut after ${(throughMs / 1_000).toFixed(1)} s without traffic; with the instance itself it lived ${ownMs === null ? `longer than ${idleMs / 1_000} s` : `${(ownMs / 1_000).toFixed(1)} s`}`,
          ],
          cause: 'something between here and there ends connections that are idle, sooner than the app sends a sign of life',
          fix: `berth env ${app.name}   # a heartbeat every 20 to 30 s; and in the proxy in front: proxy_read_timeout 3600s`,
        },
      ];
    }),
};

export const webSocketRules: readonly Rule[] = [refused, idleCut];

/** Where apps answer handshakes; the last is a document of no name in editors of the Kolabpad kind, which keep none that is empty. */
const PATHS = [
  '/',
  '/ws',
  '/socket',
  '/websocket',
  '/live',
  '/api/ws',
  '/socket.io/?EIO=4&transport=websocket',
  '/api/socket/doctor',
];

type Socket = {
  readonly app: AppFact;
  readonly host: string;
  readonly path: string;
  readonly place: Place;
  readonly direct: Place;
};

const perSocket = (facts: Facts, look: (socket: Socket) => Promise<readonly Seen[]>): Promise<readonly Seen[]> =>
  perApp(facts, async (app) => {
    const [host] = app.hosts;
    const place = host === undefined ? null : await publicPlace(facts, host);
    if (host === undefined || place === null || app.state !== 'running') return [];
    for (const instance of app.instances) {
      if (instance.port === null || instance.pids.length === 0 || instance.want !== 'serving') continue;
      const direct = { tls: false, address: '127.0.0.1', port: instance.port, host };
      for (const path of PATHS) {
        const answer = await askWebSocket(direct, path, { timeoutMs: facts.bounds.answerMs });
        if (answer.kind !== 'upgraded') continue;
        answer.socket.destroy();
        return look({ app, host, path, place, direct });
      }
    }
    return [];
  });

/** Where people's requests go: by DNS for a public name, else the edge itself. */
const publicPlace = async (facts: Facts, host: string): Promise<Place | null> => {
  const edge = facts.edgePlace(host);
  if (edge === null || (!isPublicName(host) && facts.front === null)) return edge;
  const found = await facts.names.resolve(host);
  if (found.kind !== 'addresses') return null;
  const tls = facts.front?.tls ?? edge.tls;
  return { tls, address: found.addresses[0] ?? '', port: facts.front?.port ?? (tls ? 443 : 80), host };
};

/** How long it lived; null when it outlived the time. */
const livesFor = (socket: Duplex, ms: number): Promise<number | null> =>
  new Promise((resolve) => {
    const began = performance.now();
    const timer = setTimeout(() => {
      resolve(null);
      socket.destroy();
    }, ms);
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(performance.now() - began);
    });
  });

const said = (answer: Answer): string => (answer.kind === 'answer' ? String(answer.status) : answer.code);
