import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** The key of an account: P-256, the one kind that every authority takes. */
export type AccountKey = {
  readonly pem: string;
  /** The public half (RFC 7517), its members in the order that the thumbprint wants. */
  readonly jwk: { readonly crv: string; readonly kty: string; readonly x: string; readonly y: string };
  /** RFC 7638; the second half of every answer to a challenge. */
  readonly thumbprint: string;
};

export const createAccountKey = (): AccountKey =>
  readAccountKey(
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );

export const readAccountKey = (pem: string): AccountKey => {
  const { x = '', y = '' } = createPublicKey(createPrivateKey(pem)).export({ format: 'jwk' });
  const jwk = { crv: 'P-256', kty: 'EC', x, y };
  return { pem, jwk, thumbprint: createHash('sha256').update(JSON.stringify(jwk)).digest('base64url') };
};

/**
 * The body of a request (RFC 8555 section 6.2). A payload of null asks for a resource (POST-as-GET); without `account`, its
 * URL at the authority, the key itself says who signs.
 */
export const signRequest = (
  key: AccountKey,
  request: { url: string; nonce: string; account: string | null; payload: object | null },
): string => {
  const { url, nonce, account } = request;
  const header = { alg: 'ES256', nonce, url, ...(account === null ? { jwk: key.jwk } : { kid: account }) };
  const protectedPart = encode(JSON.stringify(header));
  const payload = request.payload === null ? '' : encode(JSON.stringify(request.payload));
  // The signature is R and S side by side (RFC 7518 section 3.4), not DER.
  const signature = sign('sha256', Buffer.from(`${protectedPart}.${payload}`), { key: key.pem, dsaEncoding: 'ieee-p1363' });
  return JSON.stringify({ protected: protectedPart, payload, signature: signature.toString('base64url') });
};

const encode = (text: string): string => Buffer.from(text).toString('base64url');
