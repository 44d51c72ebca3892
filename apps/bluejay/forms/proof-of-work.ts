/** A little work that a browser does unnoticed, and that makes sending in bulk dear: a number whose hash begins with zeros. */
import { createHash } from 'node:crypto';

/** 2^15 hashes on average: half a second of a slow phone. */
export const PROOF_BITS = 15;

/** What is hashed: SHA-256 of `token:salt:nonce`, in UTF-8. The page's `guarded-form.ts` makes it. */
const PROOF = /^[\w-]{8,32}\.\d{1,12}$/;

/** @param proof `salt.nonce`: the salt is of the browser's choice, so that two visitors of one kept page have different proofs */
export const isProof = (token: string, proof: string, bits = PROOF_BITS): boolean => {
  if (!PROOF.test(proof)) return false;
  const digest = createHash('sha256')
    .update(`${token}:${proof.replace('.', ':')}`)
    .digest();
  return leadingZeroBits(digest) >= bits;
};

const leadingZeroBits = (bytes: Uint8Array): number => {
  const first = bytes.findIndex((byte) => byte !== 0);
  return first < 0 ? bytes.length * 8 : first * 8 + Math.clz32(bytes[first] ?? 0) - 24;
};
