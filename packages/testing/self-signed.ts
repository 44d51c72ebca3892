import { run } from './machine/command.ts';

/** A certificate that its own key has signed, by openssl. `names` as openssl writes them, e.g. DNS:shop.example.com or IP:127.0.0.1. */
export async function makeSelfSigned(what: {
  readonly names: readonly string[];
  readonly days: number;
  /** Files, PEM. */
  readonly key: string;
  readonly certificate: string;
}): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', what.key];
  const names = ['-subj', '/CN=test', '-addext', `subjectAltName=${what.names.join(',')}`];
  await run(['openssl', 'req', '-x509', ...key, ...names, '-days', String(what.days), '-out', what.certificate]);
}
