/** Names as JSON on standard input; key and certificate signing request (PKCS #10) as JSON on standard output. */
import { KeyObject, webcrypto } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509';
import type { SigningRequest } from './signing-request.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

const make = async (names: readonly string[]): Promise<SigningRequest> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  // No common name: it is limited to 64 characters, and authorities take the alternative names.
  const request = await Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value })))],
  });
  return {
    request: Buffer.from(request.rawData).toString('base64url'),
    key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
};

process.stdout.write(JSON.stringify(await make(JSON.parse(await text(process.stdin)) as string[])));
