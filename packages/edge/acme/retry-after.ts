import type { IncomingHttpHeaders } from 'node:http';

/** When an answer asks to be back: seconds or a date (RFC 9110 section 10.2.3). null: it does not say. */
export const retryAt = (headers: IncomingHttpHeaders, nowMs: number): Date | null => {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return null;
  const ms = /^\d+$/.test(text) ? nowMs + Number(text) * 1_000 : Date.parse(text);
  return Number.isFinite(ms) ? new Date(ms) : null;
};
