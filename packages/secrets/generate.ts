import { randomBytes } from 'node:crypto';

/** A secret of 256 bits in URL-safe characters. */
export const generateSecret = (): string => randomBytes(32).toString('base64url');
