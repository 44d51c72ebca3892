/** A request's name in logs and error pages: the one that the edge gave it, or a new one. */
import { randomBytes } from 'node:crypto';

/** @param incoming the X-Request-Id header; kept when it is one that a log can bear */
export const createRequestId = (incoming?: string | readonly string[]): string =>
  typeof incoming === 'string' && /^[\w.:-]{8,64}$/.test(incoming) ? incoming : randomBytes(8).toString('hex');
