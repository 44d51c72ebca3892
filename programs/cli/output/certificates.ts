/** Certificates as people read them. */
import type { AcmeSettings, Certificate, CertificateCheck } from '@berth/protocol';
import { localTime } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Look = Pick<Terminal, 'style' | 'width'>;

/** One line each; below them what keeps any from being fetched, and what to do. */
export const renderCertificates = (certificates: readonly Certificate[], now: number, look: Look): string[] => {
  if (certificates.length === 0) return ['no certificates yet'];
  const rows = certificates.map((it) => [hostAndNames(it), it.kind, localTime(it.notAfter), nextOf(it, now)]);
  const table = renderTable({ head: ['HOST', 'KIND', 'VALID UNTIL', 'NEXT'], rows }, look);
  const failures = certificates.flatMap(({ host, renewal }) =>
    renewal?.failure ? ['', ...renderProblem(host, 'error', renewal.failure, look)] : [],
  );
  return [...table, ...failures];
};

export const renderCheck = ({ host, addresses, ok, findings }: CertificateCheck, look: Look): string[] => {
  const leads = addresses.length === 0 ? [] : [`${host} leads to ${addresses.join(', ')}`];
  const said = findings.flatMap((finding) => renderProblem(host, finding.level, finding, look));
  return [...leads, ...said, ...(ok ? [`${look.style.green('fine')}: nothing stands between ${host} and its certificate`] : [])];
};

export const renderAcme = (acme: AcmeSettings | null, { style }: Pick<Look, 'style'>): string[] => {
  if (acme === null)
    return [
      'no authority is set: public names are served with certificates of the local authority',
      style.hint('turn it on with: berth cert acme --email you@example.com'),
    ];
  const { directory, email, caFile, dnsHook, wildcards, resolver, challengePort } = acme;
  return [
    `certificates for public names come from ${directory}${email === null ? '' : ` (account ${email})`}`,
    ...(wildcards.length === 0 ? [] : [`wildcards for ${wildcards.join(', ')}`]),
    ...(dnsHook === null ? [] : [`DNS records are written by: ${dnsHook.join(' ')}`]),
    ...(resolver === null ? [] : [`DNS is asked at ${resolver}`]),
    ...(caFile === null ? [] : [`the authority itself is checked against ${caFile}`]),
    ...(challengePort === 80 ? [] : [`the authority asks on port ${challengePort}`]),
  ];
};

/** Of hosts whose certificate of a public authority is not there yet: one line each. */
export const renderAwaited = (
  certificates: readonly Certificate[],
  urls: readonly string[],
  { style }: Pick<Look, 'style'>,
): string[] => {
  const hosts = new Set(urls.map((url) => new URL(url).hostname));
  return certificates
    .filter(({ host, kind, renewal }) => kind === 'local' && renewal !== null && hosts.has(host))
    .map(({ host, renewal }) =>
      renewal?.failure
        ? `${style.yellow('no certificate yet')} for ${host}: ${renewal.failure.message.split('\n')[0]} (${style.hint(`berth cert check ${host}`)})`
        : style.dim(`certificate for ${host}: being fetched (${style.hint('berth cert')})`),
    );
};

const hostAndNames = ({ host, names, kind }: Certificate): string => {
  const others = names.filter((name) => name !== host);
  return kind === 'local' || others.length === 0 ? host : `${host} (${others.join(', ')})`;
};

const nextOf = ({ kind, renewal }: Certificate, now: number): string => {
  if (renewal === null) return kind === 'own' ? 'you renew it' : 'by itself';
  if (renewal.isRunning) return kind === 'acme' ? 'being renewed' : 'being fetched';
  if (renewal.failure !== null) return `tried again ${localTime(renewal.at)}`;
  if (Date.parse(renewal.at) <= now + SOON_MS) return kind === 'acme' ? 'renewed now' : 'fetched now';
  return `renewed ${localTime(renewal.at)}`;
};

const SOON_MS = 10_000;

const renderProblem = (
  host: string,
  level: 'error' | 'warning',
  { code, message, hint }: { code: string; message: string; hint: string },
  { style }: Look,
): string[] => [
  `${level === 'error' ? style.red('Error:') : style.yellow('Note:')} ${message.includes(host) ? '' : `${host}: `}${message.trimEnd()}`,
  `${style.cyan('Try:')} ${style.hint(hint)}`,
  style.dim(`(${code})`),
];
