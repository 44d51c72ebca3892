/** What can be reached of a server from here, over the network and not through SSH. */
import { request as requestHttp } from 'node:http';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SeenCheck } from './install/step.ts';

const LIMIT_MS = 5_000;

/** `ports`: where something listens on the server, whatever the address; and some that should not answer in any case. */
export const lookFromOutside = async (
  host: string,
  { ports, sshPort }: { ports: readonly number[]; sshPort: number },
): Promise<SeenCheck[]> => {
  const public_ = [sshPort, 80, 443];
  const others = [...new Set([...ports, ...OFTEN_OPEN])].filter((port) => !public_.includes(port));
  const [http, https, ...open] = await Promise.all([
    answersHttp(host),
    answersTls(host),
    ...others.map((port) => accepts(host, port)),
  ]);
  const reached = others.filter((_, index) => open[index]);
  return [
    { check: 'edge on 80', state: http === null ? 'ok' : 'wrong', says: http ?? 'answers from here' },
    { check: 'edge on 443', state: https === null ? 'ok' : 'wrong', says: https ?? 'answers from here, with TLS' },
    reached.length === 0
      ? { check: 'other ports', state: 'ok', says: `none of ${others.length} answers from here` }
      : { check: 'other ports', state: 'wrong', says: `reached from here: ${reached.join(', ')}` },
  ];
};

/** Databases, caches, exporters, consoles, and Berth's own on a laptop. */
const OFTEN_OPEN = [25, 111, 2375, 3000, 3306, 5432, 6379, 8000, 8080, 8443, 9000, 9090, 9093, 9100, 11211, 27017];

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: LIMIT_MS / 2 });
    const end = (open: boolean): void => {
      socket.destroy();
      resolve(open);
    };
    socket
      .once('connect', () => end(true))
      .once('timeout', () => end(false))
      .once('error', () => end(false));
  });

/** Null when it answers, whatever it says: there may be no app yet. */
const answersHttp = (host: string): Promise<string | null> =>
  new Promise((resolve) => {
    const request = requestHttp({ host, port: 80, path: '/', method: 'HEAD', timeout: LIMIT_MS, agent: false }, (response) => {
      response.resume();
      resolve(null);
    });
    request.once('timeout', () => request.destroy(new Error(`no answer within ${LIMIT_MS / 1_000} s`)));
    request.once('error', (cause) => resolve(cause.message));
    request.end();
  });

/** A handshake is enough, and no certificate is believed: names have theirs, and this is an address. */
const answersTls = (host: string): Promise<string | null> =>
  new Promise((resolve) => {
    const socket = connectTls({ host, port: 443, rejectUnauthorized: false, timeout: LIMIT_MS });
    const end = (says: string | null): void => {
      socket.destroy();
      resolve(says);
    };
    socket
      .once('secureConnect', () => end(null))
      .once('timeout', () => end(`no answer within ${LIMIT_MS / 1_000} s`))
      .once('error', (cause) => end(cause.message));
  });
