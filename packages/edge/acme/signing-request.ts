import { fileURLToPath } from 'node:url';
import { exec } from '@berth/host';
import { requestNotMade } from './errors.ts';

/** `request`: DER in base64url, as RFC 8555 wants it; `key`: PEM. */
export type SigningRequest = { readonly request: string; readonly key: string };

/** A new key and what asks for a certificate of it; made in a process of its own, whose library would stay in our memory. */
export const makeSigningRequest = async (names: readonly string[]): Promise<SigningRequest> => {
  const program = fileURLToPath(new URL('./signing-request-process.ts', import.meta.url));
  const result = await exec([process.execPath, program], { input: JSON.stringify(names), env: {}, timeoutMs: 60_000 });
  if (result.exitCode !== 0) throw requestNotMade(result.stderr.slice(-2_000));
  return JSON.parse(result.stdout) as SigningRequest;
};
