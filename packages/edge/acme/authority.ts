import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import { type AccountKey, signRequest } from './account-key.ts';
import { directoryInvalid, type Problem, problemError, unreachable } from './errors.ts';
import { retryAt } from './retry-after.ts';
import type { HttpAnswer, HttpRequest, Transport } from './transport.ts';

/** Where the authority does what (RFC 8555 section 7.1.1). */
export type Directory = {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  /** null where renewal information (RFC 9773) is not offered. */
  readonly renewalInfo: string | null;
  readonly termsOfService: string | null;
  /** What CAA records know it by (RFC 8659); empty where it does not say. */
  readonly caaIdentities: readonly string[];
};

/** Who signs: with `url`, the account that the authority knows the key by. */
export type Signer = { readonly key: AccountKey; readonly url: string | null };

/**
 * An authority as a conversation: nonces are kept and asked for, refused ones tried again, and what passes (no connection,
 * 5xx) is tried again for a few seconds. What is refused is thrown as what it means.
 */
export type Authority = {
  directory(signal: AbortSignal): Promise<Directory>;
  get(url: string, signal: AbortSignal): Promise<HttpAnswer>;
  /** `names`: what it is about, for the error. A payload of null asks for the resource. */
  post(url: string, payload: object | null, by: Signer & { names?: readonly string[] }, signal: AbortSignal): Promise<HttpAnswer>;
};

export const createAuthority = (options: {
  directoryUrl: string;
  transport: Transport;
  now: () => number;
  /** Waits between tries, ms. */
  patience?: readonly number[];
}): Authority => {
  const { directoryUrl, transport, now, patience = PATIENCE_MS } = options;
  const nonces: string[] = [];
  let directory: Promise<Directory> | null = null;

  const keepNonce = ({ headers }: HttpAnswer): void => {
    const nonce = headers['replay-nonce'];
    if (typeof nonce === 'string' && /^[A-Za-z0-9_-]+$/.test(nonce)) nonces.push(nonce);
  };

  const once = async (request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> => {
    const answer = await transport(request, signal);
    keepNonce(answer);
    if (answer.status >= 500)
      throw unreachable(request.url, `it answered ${answer.status}`, { retryAt: retryAt(answer.headers, now()) });
    return answer;
  };

  const patiently = async (work: () => Promise<HttpAnswer>, signal: AbortSignal): Promise<HttpAnswer> => {
    for (const waitMs of patience) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof BerthError) || error.code !== 'ACME_UNREACHABLE') throw error;
        const told = typeof error.fields.retryAt === 'string' ? Date.parse(error.fields.retryAt) - now() : 0;
        // Who is asked to come back much later does not wait here.
        if (told > LONGEST_WAIT_MS) throw error;
        await sleep(Math.max(waitMs, told), undefined, { signal });
      }
    }
    return work();
  };

  const nonce = async (signal: AbortSignal): Promise<string> => {
    if (nonces.length === 0) {
      const { newNonce } = await find(signal);
      await once({ method: 'HEAD', url: newNonce }, signal);
    }
    const [kept] = nonces.splice(0, 1);
    if (kept === undefined) throw unreachable(directoryUrl, 'it gave no nonce');
    return kept;
  };

  const find = (signal: AbortSignal): Promise<Directory> => {
    directory ??= patiently(() => once({ method: 'GET', url: directoryUrl }, signal), signal).then((answer) =>
      parseDirectory(directoryUrl, answer),
    );
    directory.catch(() => (directory = null));
    return directory;
  };

  return {
    directory: find,
    async get(url, signal) {
      const answer = await patiently(() => once({ method: 'GET', url }, signal), signal);
      if (answer.status >= 400) throw problemError(problemOf(answer, now()), [], now());
      return answer;
    },
    async post(url, payload, { key, url: account, names = [] }, signal) {
      for (let refused = 0; ; refused += 1) {
        const answer = await patiently(
          async () =>
            once({ method: 'POST', url, body: signRequest(key, { url, nonce: await nonce(signal), account, payload }) }, signal),
          signal,
        );
        if (answer.status < 400) return answer;
        const problem = problemOf(answer, now());
        if (problem.type !== 'badNonce' || refused >= NONCES_REFUSED) throw problemError(problem, names, now());
      }
    },
  };
};

const PATIENCE_MS = [1_000, 3_000, 8_000];
const LONGEST_WAIT_MS = 60_000;
/** A nonce is refused when the authority was started anew, or does so for practice; never twenty times in a row. */
const NONCES_REFUSED = 20;

const parseDirectory = (url: string, answer: HttpAnswer): Directory => {
  if (answer.status !== 200) throw directoryInvalid(url, `it answered ${answer.status}`);
  const document = parseObject(answer.body);
  const at = (name: string): string => {
    const value = document[name];
    if (typeof value !== 'string' || !URL.canParse(value)) throw directoryInvalid(url, `it names no ${name}`);
    return value;
  };
  const meta = document.meta as { termsOfService?: unknown; caaIdentities?: unknown } | undefined;
  return {
    newNonce: at('newNonce'),
    newAccount: at('newAccount'),
    newOrder: at('newOrder'),
    renewalInfo: document.renewalInfo === undefined ? null : at('renewalInfo'),
    termsOfService: typeof meta?.termsOfService === 'string' ? meta.termsOfService : null,
    caaIdentities: Array.isArray(meta?.caaIdentities) ? meta.caaIdentities.filter((each) => typeof each === 'string') : [],
  };
};

const problemOf = (answer: HttpAnswer, nowMs: number): Problem => ({
  ...toProblem(parseObject(answer.body), answer.status),
  about: 'request',
  retryAt: retryAt(answer.headers, nowMs),
});

/** One inside an authorization or an order. */
export const toProblem = (document: Readonly<Record<string, unknown>>, status = 403): Problem => {
  const type = typeof document.type === 'string' ? document.type : 'unknown';
  const subproblems = Array.isArray(document.subproblems) ? (document.subproblems as Record<string, unknown>[]) : [];
  const details = [document, ...subproblems].map(({ detail }) => detail).filter((detail) => typeof detail === 'string');
  return {
    type: type.replace(/^urn:ietf:params:acme:error:/, ''),
    detail: details.join('; ') || `it answered ${status}`,
    status,
    about: 'work',
    retryAt: null,
  };
};

/** An answer that is no JSON object is one without anything in it. */
export const parseObject = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {}; // the status says what can be said
  }
};
