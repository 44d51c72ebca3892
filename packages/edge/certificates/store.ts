import { createHash } from 'node:crypto';
import type { EdgeFiles } from '../edge-files.ts';
import { certificateInvalid, certificateNotFound } from '../errors.ts';
import type { EdgeCertificate } from '../state.ts';
import type { LocalAuthority } from './local-authority.ts';
import { bundle, certificateBlocks, checkCertificate, describeCertificate, renewalDue } from './validate.ts';

/** A certificate as HAProxy loads it: `file` relative to the directory it runs in. */
export type LiveCertificate = { readonly host: string; readonly file: string; readonly pem: string; readonly hash: string };

export type CertificateStore = {
  /** For each host its own certificate, else an issued one, each also of a wildcard that covers it, else the local authority's. */
  ensureLive(hosts: readonly string[]): Promise<readonly LiveCertificate[]>;
  /** What is in the files that HAProxy reads when it starts. */
  installed(): Promise<readonly LiveCertificate[]>;
  list(): Promise<readonly EdgeCertificate[]>;
  set(host: string, pair: { chain: string; key: string }): Promise<EdgeCertificate>;
  setIssued(names: readonly string[], pair: { chain: string; key: string }): Promise<EdgeCertificate>;
  issuedChain(name: string): Promise<string | null>;
  removeIssued(name: string): Promise<void>;
  remove(host: string): Promise<void>;
};

/** Answers for clients that name no host (no SNI); its addresses make https://127.0.0.1 verifiable too. */
const DEFAULT_NAMES = ['localhost', '127.0.0.1', '::1'] as const;

export const createCertificateStore = (deps: {
  files: EdgeFiles;
  authority: LocalAuthority;
  now: () => number;
}): CertificateStore => {
  const { files, authority, now } = deps;
  const own = (host: string) => `${DIRECTORIES.own}/${fileName(host)}.pem`;
  const issued = (host: string) => `${DIRECTORIES.acme}/${fileName(host)}.pem`;
  const local = (host: string) => `${DIRECTORIES.local}/${fileName(host)}.pem`;

  const findTrusted = async (host: string): Promise<string | null> => {
    const names = [host, host.replace(/^[^.]+/, '*')];
    for (const file of [...names.map(own), ...names.map(issued)]) {
      const pem = await files.read(file);
      // Expired or not: no client would take the local authority's instead, and the expired one says what is wrong.
      if (pem !== null) return pem;
    }
    return null;
  };

  const ensureLocal = async (hosts: readonly string[]): Promise<void> => {
    const missing: string[] = [];
    for (const host of hosts) {
      const pem = await files.read(local(host));
      if (pem === null || renewalDue(describeCertificate(host, 'local', pem), now())) missing.push(host);
    }
    if (missing.length === 0) return;
    const pairs = await authority.issue(missing.map((host) => (host === DEFAULT_NAMES[0] ? DEFAULT_NAMES : [host])));
    for (const [i, pair] of pairs.entries())
      await files.write(local(missing[i] ?? ''), bundle(pair.certificate, pair.key), 'own');
  };

  const inDirectory = async (directory: string): Promise<readonly string[]> =>
    (await files.list(directory))
      .filter((name) => name.endsWith('.pem'))
      .map((name) => name.slice(0, -'.pem'.length).replace(/^_\./, '*.'));

  return {
    async ensureLive(hosts) {
      const all = [...new Set<string>([DEFAULT_NAMES[0], ...hosts])];
      const owned = new Map<string, string>();
      for (const host of all) {
        const pem = await findTrusted(host);
        if (pem !== null) owned.set(host, pem);
      }
      await ensureLocal(all.filter((host) => !owned.has(host)));
      const live: LiveCertificate[] = [];
      for (const host of all) {
        const pem = owned.get(host) ?? (await files.read(local(host))) ?? '';
        const certificate = liveCertificate(host, pem);
        const name = nameInDirectory(certificate);
        if ((await files.read(name)) !== pem) await files.write(name, pem, 'edge');
        live.push(certificate);
      }
      return live;
    },
    async installed() {
      const live: LiveCertificate[] = [];
      for (const host of await inDirectory('certificates/live')) {
        const pem = await files.read(nameInDirectory(liveCertificate(host, '')));
        if (pem !== null) live.push(liveCertificate(host, pem));
      }
      return live;
    },
    async list() {
      const found: EdgeCertificate[] = [];
      for (const source of ['own', 'acme', 'local'] as const) {
        for (const host of await inDirectory(DIRECTORIES[source])) {
          const pem = await files.read(`${DIRECTORIES[source]}/${fileName(host)}.pem`);
          if (pem !== null) found.push(describeCertificate(host, source, pem));
        }
      }
      return found.sort((a, b) => (a.host < b.host ? -1 : 1));
    },
    async set(host, pair) {
      const name = checkName(host);
      const checked = checkCertificate(name, pair, now());
      await files.write(own(name), bundle(checked.chain, checked.key), 'own');
      return describeCertificate(name, 'own', checked.chain);
    },
    async setIssued(names, pair) {
      const checked = names.map((name) => checkCertificate(checkName(name), pair, now()));
      const [first] = checked;
      if (first === undefined) throw certificateInvalid('nobody', 'it is for no name');
      for (const name of names) await files.write(issued(name.toLowerCase()), bundle(first.chain, first.key), 'own');
      return describeCertificate(names[0] ?? '', 'acme', first.chain);
    },
    async issuedChain(name) {
      const pem = await files.read(issued(name.toLowerCase()));
      return pem === null ? null : certificateBlocks(pem).join('\n');
    },
    async removeIssued(name) {
      const host = name.toLowerCase();
      await files.remove(issued(host));
      // What is served is written there again, before HAProxy could ask for it.
      await files.remove(nameInDirectory(liveCertificate(host, '')));
    },
    async remove(host) {
      const name = host.toLowerCase();
      if ((await files.read(own(name))) === null) throw certificateNotFound(host);
      await files.remove(own(name));
    },
  };
};

/** Of the three, `acme` lies with the rest of what the ACME client keeps. */
const DIRECTORIES = { own: 'certificates/own', acme: 'acme/certificates', local: 'certificates/local' } as const;

const checkName = (host: string): string => {
  const name = host.toLowerCase();
  if (!/^(\*\.)?[a-z0-9]([a-z0-9._-]*[a-z0-9])?$/.test(name)) throw certificateInvalid(host, 'that is not the name of a host');
  return name;
};

/** crt-list: one line per host; the first certificate answers those that name none. */
export const renderCertificateList = (certificates: readonly LiveCertificate[]): string =>
  certificates.map(({ file, host }) => `${file} ${host}\n`).join('');

const liveCertificate = (host: string, pem: string): LiveCertificate => ({
  host,
  file: `../certificates/live/${fileName(host)}.pem`,
  pem,
  hash: createHash('sha256').update(pem).digest('hex'),
});

/** HAProxy runs in a directory beside the certificates. */
const nameInDirectory = ({ file }: LiveCertificate): string => file.slice('../'.length);

const fileName = (host: string): string => host.replace(/^\*\./, '_.');
