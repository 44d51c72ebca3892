/**
 * Makes keys and certificates of the local authority, in a process of its own: the library would stay in the daemon's
 * memory for the few times a year that it is needed. JSON on standard input, JSON on standard output.
 */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';

export type IssueRequest = {
  readonly nowMs: number;
  readonly authority: Pair | null;
  /** Names of the authority that is made when there is none. */
  readonly authorityName: string;
  /** One certificate each; the first name is the subject. */
  readonly names: readonly (readonly string[])[];
};

export type IssueAnswer = { readonly authority: Pair; readonly certificates: readonly Pair[] };

/** Both in PEM. */
export type Pair = { readonly certificate: string; readonly key: string };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 24 * 3_600_000;
const AUTHORITY_DAYS = 3_650;
/** Browsers refuse more than 398 days, from an authority of one's own too (Apple). The hour before `now` is part of it. */
const LEAF_DAYS = 396;
/** For clients whose clock is behind. */
const BACKDATED_MS = 3_600_000;

const issue = async (request: IssueRequest): Promise<IssueAnswer> => {
  const authority = request.authority ?? (await makeAuthority(request));
  const signer = { certificate: new X509Certificate(authority.certificate), key: await importKey(authority.key) };
  const certificates: Pair[] = [];
  for (const names of request.names) certificates.push(await makeLeaf(names, signer, request.nowMs));
  return { authority, certificates };
};

const makeAuthority = async ({ authorityName, nowMs }: IssueRequest): Promise<Pair> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: [{ CN: [authorityName] }, { O: ['Berth'] }],
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + AUTHORITY_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: exportKey(keys.privateKey) };
};

const makeLeaf = async (
  names: readonly string[],
  signer: { certificate: X509Certificate; key: webcrypto.CryptoKey },
  nowMs: number,
): Promise<Pair> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    // A common name holds at most 64 characters; the name that counts is the alternative one.
    subject: [{ CN: [(names[0] ?? '').slice(0, 64)] }],
    issuer: signer.certificate.subjectName,
    notBefore: new Date(nowMs - BACKDATED_MS),
    notAfter: new Date(nowMs + LEAF_DAYS * DAY_MS),
    signingAlgorithm: ALGORITHM,
    publicKey: keys.publicKey,
    signingKey: signer.key,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension(names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name }))),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(signer.certificate.publicKey),
    ],
  });
  return { certificate: certificate.toString('pem'), key: exportKey(keys.privateKey) };
};

/** Positive, and never zero first: 16 bytes below 0x80. */
const serialNumber = (): string => {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
};

const exportKey = (key: webcrypto.CryptoKey): string => KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64'), ALGORITHM, false, ['sign']);

if (import.meta.main) process.stdout.write(JSON.stringify(await issue(JSON.parse(await text(process.stdin)))));
