import { createPrivateKey, X509Certificate } from 'node:crypto';
import { certificateInvalid } from '../errors.ts';
import type { EdgeCertificate } from '../state.ts';

/** PEM of chain and key together, without blank lines: HAProxy would run what follows one as commands. */
export const bundle = (chain: string, key: string): string =>
  `${chain.trim()}\n${key.trim()}\n`
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');

/** Throws EDGE_CERTIFICATE_INVALID unless the pair may be served for `host`. Gives back only the PEM blocks, leaf first. */
export const checkCertificate = (
  host: string,
  pair: { chain: string; key: string },
  nowMs: number,
): { chain: string; key: string } => {
  const refuse = (why: string): never => {
    throw certificateInvalid(host, why);
  };
  const blocks = certificateBlocks(pair.chain);
  if (blocks.length === 0) return refuse('there is no certificate in it');
  const chain = blocks.map((block, i) => parseCertificate(block) ?? refuse(`certificate ${i + 1} of the chain cannot be read`));
  const [leaf] = chain;
  if (leaf === undefined) return refuse('there is no certificate in it');
  const key = parseKey(pair.key) ?? refuse('the private key cannot be read (it must be PEM, without a passphrase)');
  if (!leaf.checkPrivateKey(key)) return refuse('the private key belongs to another certificate (the leaf must come first)');
  if (leaf.validToDate.getTime() <= nowMs) return refuse(`it expired on ${leaf.validToDate.toISOString()}`);
  if (leaf.validFromDate.getTime() > nowMs) return refuse(`it is not valid before ${leaf.validFromDate.toISOString()}`);
  const probe = host.startsWith('*.') ? `any${host.slice(1)}` : host;
  if (leaf.checkHost(probe) === undefined) return refuse(`it is for ${namesOf(leaf).join(', ') || leaf.subject}`);
  chain.slice(1).forEach((issuer, i) => {
    const issued = chain[i];
    if (issued !== undefined && !(issued.checkIssued(issuer) && issued.verify(issuer.publicKey)))
      refuse(`certificate ${i + 2} of the chain did not issue the one before it`);
  });
  return { chain: blocks.join('\n'), key: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
};

export const describeCertificate = (host: string, source: EdgeCertificate['source'], chain: string): EdgeCertificate => {
  const leaf = new X509Certificate(certificateBlocks(chain)[0] ?? chain);
  return {
    host,
    source,
    subject: leaf.subject.replaceAll('\n', ', '),
    issuer: leaf.issuer.replaceAll('\n', ', '),
    names: namesOf(leaf),
    notBefore: leaf.validFromDate.toISOString(),
    notAfter: leaf.validToDate.toISOString(),
    fingerprint: leaf.fingerprint256,
  };
};

/** After two thirds of its life, so that a failed renewal has weeks to be noticed. */
export const renewalDue = (certificate: { notBefore: string; notAfter: string }, nowMs: number): boolean => {
  const from = Date.parse(certificate.notBefore);
  return nowMs >= from + ((Date.parse(certificate.notAfter) - from) * 2) / 3;
};

export const certificateBlocks = (pem: string): readonly string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

const namesOf = (certificate: X509Certificate): readonly string[] =>
  (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name !== '')
    .map((name) => name.replace(/^(DNS|IP Address):/, ''));

const parseCertificate = (block: string): X509Certificate | null => {
  try {
    return new X509Certificate(block);
  } catch {
    return null; // the caller says which one
  }
};

const parseKey = (pem: string) => {
  try {
    return createPrivateKey(pem);
  } catch {
    return null; // its own message may quote the key
  }
};
