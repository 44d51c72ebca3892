import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { freePorts } from '../free-ports.ts';
import { makeSelfSigned } from '../self-signed.ts';
import { temporaryDirectory } from '../temporary-directory.ts';
import { waitUntil } from '../wait-until.ts';
import { type AuthorityFront, startAuthorityFront } from './authority-front.ts';
import { askJson, type ChallengeDns, createChallengeDns } from './challenge-dns.ts';

export type PebbleOptions = {
  /** Where the authority asks: the HTTP port of the edge under test. */
  readonly httpPort: number;
  /** Where it and its DNS are reached; every address of its names is this one at first. */
  readonly address?: string;
  /** Percentages: good nonces that are refused (5), authorizations of new orders that are valid already (0). */
  readonly nonceReject?: number;
  readonly authzReuse?: number;
};

/** Debian's ACME authority for tests with its DNS server, and a front before it that can fail. */
export type Pebble = AsyncDisposable & {
  /** The directory, through the front. */
  readonly directory: string;
  /** What its TLS is checked against. */
  readonly caFile: string;
  readonly ca: string;
  readonly dns: ChallengeDns;
  /** What a platform is told to have its certificates from here. */
  readonly settings: {
    readonly directory: string;
    readonly email: string;
    readonly termsAgreed: true;
    readonly caFile: string;
    readonly dnsHook: null;
    readonly wildcards: [];
    readonly resolver: string;
    readonly challengePort: number;
  };
  readonly front: AuthorityFront;
  /** The root that its certificates lead to; another with every start. */
  root(): Promise<string>;
  /** All its memory is lost, as the program has it. */
  restart(): Promise<void>;
  /** What it wrote, for a test that failed. */
  log(): string;
};

/** Why there is none here, for a skip; null when there is. */
export const whyNoPebble = (): string | null =>
  ['pebble', 'pebble-challtestsrv'].every((name) => existsSync(`/usr/bin/${name}`)) ? null : 'apt-get install pebble';

export const startPebble = async (options: PebbleOptions): Promise<Pebble> => {
  const { httpPort, address = '127.0.0.1', nonceReject = 5, authzReuse = 0 } = options;
  const directory = await temporaryDirectory('berth-pebble-');
  const running: ChildProcess[] = [];
  const [frontPort = 0, listen = 0, management = 0, dnsPort = 0, dnsManagement = 0, unused = 0] = await freePorts(6);
  const start = (argv: readonly string[], env: Readonly<Record<string, string>>): ChildProcess => {
    // A test that is killed leaves nothing behind.
    const [command = '', ...args] = ['setpriv', '--pdeathsig', 'KILL', ...argv];
    const log = openSync(directory.join('log'), 'a');
    const child = spawn(command, args, { env: { PATH: '/usr/bin:/bin', ...env }, stdio: ['ignore', log, log] });
    closeSync(log);
    running.push(child);
    return child;
  };
  const end = async (child: ChildProcess): Promise<void> => {
    running.splice(running.indexOf(child), 1);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };

  const dispose = async (): Promise<void> => {
    await front?.[Symbol.asyncDispose]();
    for (const child of [...running]) await end(child);
    await directory[Symbol.asyncDispose]();
  };
  let front: AuthorityFront | undefined;
  try {
    const tls = { certificate: directory.join('tls.crt'), privateKey: directory.join('tls.key') };
    const names = ['DNS:localhost', ...new Set(['127.0.0.1', address].map((each) => `IP:${each}`))];
    await makeSelfSigned({ names, days: 30, key: tls.privateKey, certificate: tls.certificate });
    const configuration = {
      listenAddress: `127.0.0.1:${listen}`,
      managementListenAddress: `127.0.0.1:${management}`,
      ...tls,
      httpPort,
      tlsPort: unused,
      ocspResponderURL: '',
      externalAccountBindingRequired: false,
    };
    await writeFile(directory.join('pebble.json'), JSON.stringify({ pebble: configuration }));
    const ca = readFileSync(tls.certificate, 'utf8');
    start(
      [
        'pebble-challtestsrv',
        '-defaultIPv4',
        address,
        '-defaultIPv6',
        '',
        '-http01',
        '',
        '-https01',
        '',
        '-tlsalpn01',
        '',
      ].concat(['-dns01', `${address}:${dnsPort}`, '-management', `127.0.0.1:${dnsManagement}`]),
      {},
    );
    await waitUntil(() => listens(dnsManagement), { what: 'the DNS of pebble answers' });
    const startAuthority = async (): Promise<ChildProcess> => {
      const argv = ['pebble', '-config', directory.join('pebble.json'), '-dnsserver', `${address}:${dnsPort}`];
      const child = start(argv, {
        PEBBLE_VA_NOSLEEP: '1',
        PEBBLE_WFE_NONCEREJECT: String(nonceReject),
        PEBBLE_AUTHZREUSE: String(authzReuse),
      });
      await waitUntil(async () => (await listens(listen)) && (await listens(management)), { what: 'pebble answers' });
      return child;
    };
    let authority = await startAuthority();
    front = await startAuthorityFront({
      address,
      port: frontPort,
      behind: listen,
      cert: ca,
      key: readFileSync(tls.privateKey, 'utf8'),
    });
    const where = `https://${address}:${frontPort}/dir`;
    const dns = createChallengeDns(`http://127.0.0.1:${dnsManagement}`, `${address}:${dnsPort}`);
    return {
      directory: where,
      caFile: tls.certificate,
      ca,
      dns,
      settings: {
        ...{ directory: where, email: 'ann@example.com', termsAgreed: true, caFile: tls.certificate },
        ...{ dnsHook: null, wildcards: [], resolver: dns.address, challengePort: httpPort },
      },
      front,
      root: () => askJson(`https://127.0.0.1:${management}/roots/0`, { ca }),
      async restart() {
        await end(authority);
        authority = await startAuthority();
      },
      log: () => readFileSync(directory.join('log'), 'utf8'),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
};

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
