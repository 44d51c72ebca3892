import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import { type Authority, parseObject, type Signer, toProblem } from './authority.ts';
import { authorityRefused, problemError, timedOut } from './errors.ts';
import { readRecord, removeRecord, writeRecord } from './records.ts';
import { retryAt } from './retry-after.ts';
import { makeSigningRequest } from './signing-request.ts';

/** How a name is proven. `prove` makes the proof visible and gives back what takes it away again. */
export type Proof = {
  readonly type: 'http-01' | 'dns-01';
  prove(what: { name: string; token: string; keyAuthorization: string }, signal: AbortSignal): Promise<() => Promise<void>>;
};

export type OrderDeps = {
  readonly home: string;
  readonly authority: Authority;
  readonly account: Signer & { url: string };
  readonly proof: Proof;
  readonly now: () => number;
  /** First wait between looks at something that the authority works on, ms. */
  readonly pollMs: number;
  /** How long one thing may take the authority, ms. */
  readonly withinMs: number;
};

export type IssuedCertificate = { readonly chain: string; readonly key: string };

/** An order under way: kept, so that a process that was killed goes on with it and its key. */
type OrderRecord = { readonly names: readonly string[]; readonly url: string; readonly request: string; readonly key: string };

type Order = {
  readonly status: string;
  readonly authorizations: readonly string[];
  readonly finalize: string;
  readonly certificate?: string;
  readonly error?: Record<string, unknown>;
};

type Authorization = {
  readonly status: string;
  readonly identifier: { readonly value: string };
  readonly wildcard?: boolean;
  readonly challenges: readonly { type: string; url: string; token: string; status: string; error?: Record<string, unknown> }[];
};

/**
 * One certificate for all names, by the order that is under way for them or a new one. `replaces` is the id of the
 * certificate that it renews (RFC 9773 section 5).
 */
export const fulfilOrder = async (
  deps: OrderDeps,
  { names, replaces }: { names: readonly string[]; replaces: string | null },
  signal: AbortSignal,
): Promise<IssuedCertificate> => {
  const file = join(deps.home, 'orders', `${hashOf([deps.account.url, ...names])}.json`);
  const record = (await findOpen(deps, file, names, signal)) ?? (await begin(deps, { file, names, replaces }, signal));
  try {
    const issued = await goOn(deps, record, signal);
    await removeRecord(file);
    return issued;
  } catch (error) {
    // An order that was refused is over; one that was cut off is not.
    if (!isPassing(error, signal)) await removeRecord(file);
    throw error;
  }
};

const findOpen = async (
  deps: OrderDeps,
  file: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<OrderRecord | null> => {
  const record = await readRecord<OrderRecord>(file);
  if (record === null) return null;
  try {
    const { status } = await look<Order>(deps, record.url, names, signal);
    if (status !== 'invalid') return record;
  } catch (error) {
    if (isPassing(error, signal)) throw error;
  }
  // Expired, or of an authority that has forgotten it.
  await removeRecord(file);
  return null;
};

const begin = async (
  deps: OrderDeps,
  { file, names, replaces }: { file: string; names: readonly string[]; replaces: string | null },
  signal: AbortSignal,
): Promise<OrderRecord> => {
  const { newOrder, renewalInfo } = await deps.authority.directory(signal);
  const made = await makeSigningRequest(names);
  const identifiers = names.map((value) => ({ type: 'dns', value }));
  const order = (extra: object) =>
    deps.authority.post(newOrder, { identifiers, ...extra }, { ...deps.account, names }, signal).then(({ headers, status }) => {
      if (headers.location === undefined)
        throw authorityRefused(names, { type: 'malformed', detail: 'it named no order', status });
      return headers.location;
    });
  const url =
    replaces === null || renewalInfo === null
      ? await order({})
      : await order({ replaces }).catch((error: unknown) => {
          // It may not know that certificate, or has replaced it already: then this is an order like any other.
          if (
            error instanceof BerthError &&
            error.code === 'ACME_REFUSED' &&
            MAY_BE_ABOUT_REPLACES.includes(String(error.fields.type))
          )
            return order({});
          throw error;
        });
  const record: OrderRecord = { names, url, request: made.request, key: made.key };
  await writeRecord(file, record);
  return record;
};

const MAY_BE_ABOUT_REPLACES = ['alreadyReplaced', 'malformed', 'unauthorized', 'conflict', 'unknown'];

const goOn = async (
  deps: OrderDeps,
  { url, names, request, key }: OrderRecord,
  signal: AbortSignal,
): Promise<IssuedCertificate> => {
  const { authority, account } = deps;
  const first = await look<Order>(deps, url, names, signal);
  if (first.status === 'pending') for (const each of first.authorizations) await authorize(deps, each, names, signal);
  const ready = await poll<Order>(
    deps,
    { url, names, what: 'its order was pending', until: ({ status }) => status !== 'pending' },
    signal,
  );
  if (ready.status === 'ready') await authority.post(ready.finalize, { csr: request }, { ...account, names }, signal);
  const done = await poll<Order>(
    deps,
    { url, names, what: 'it made the certificate', until: ({ status }) => status === 'valid' || status === 'invalid' },
    signal,
  );
  if (done.status !== 'valid' || done.certificate === undefined)
    throw problemError(toProblem(done.error ?? { detail: 'the order became invalid' }), names, deps.now());
  const { body } = await authority.post(done.certificate, null, { ...account, names }, signal);
  return { chain: body, key };
};

/** Proves one name, unless the authority remembers that it was proven. */
const authorize = async (deps: OrderDeps, url: string, names: readonly string[], signal: AbortSignal): Promise<void> => {
  const { authority, account, proof } = deps;
  const authorization = await look<Authorization>(deps, url, names, signal);
  if (authorization.status === 'valid') return;
  const name = authorization.identifier.value;
  const challenge = authorization.challenges.find(({ type }) => type === proof.type);
  if (authorization.status !== 'pending' || challenge === undefined)
    throw problemError(
      failureOf(authorization, `it offers no ${proof.type} for ${name} (${authorization.status})`),
      [name],
      deps.now(),
    );
  const keyAuthorization = `${challenge.token}.${account.key.thumbprint}`;
  const takeAway = await proof.prove({ name, token: challenge.token, keyAuthorization }, signal);
  try {
    await authority.post(challenge.url, {}, { ...account, names: [name] }, signal);
    const looked = await poll<Authorization>(
      deps,
      { url, names: [name], what: 'it looked at the proof', until: ({ status }) => status !== 'pending' },
      signal,
    );
    if (looked.status !== 'valid') throw problemError(failureOf(looked, `the proof became ${looked.status}`), [name], deps.now());
  } finally {
    // What is left of a proof is of no use to anybody; the certificate is not given up for it.
    await takeAway().catch(() => undefined);
  }
};

const failureOf = ({ challenges }: Authorization, otherwise: string) => {
  const failed = challenges.find(({ error }) => error !== undefined)?.error;
  return toProblem(failed ?? { detail: otherwise });
};

const look = async <T>(deps: OrderDeps, url: string, names: readonly string[], signal: AbortSignal): Promise<T> =>
  parseObject((await deps.authority.post(url, null, { ...deps.account, names }, signal)).body) as T;

const poll = async <T>(
  deps: OrderDeps,
  { url, names, what, until }: { url: string; names: readonly string[]; what: string; until: (resource: T) => boolean },
  signal: AbortSignal,
): Promise<T> => {
  const giveUpAt = deps.now() + deps.withinMs;
  for (let waitMs = deps.pollMs; ; waitMs = Math.min(waitMs * 1.5, LONGEST_POLL_MS)) {
    const answer = await deps.authority.post(url, null, { ...deps.account, names }, signal);
    const resource = parseObject(answer.body) as T;
    if (until(resource)) return resource;
    const told = (retryAt(answer.headers, deps.now())?.getTime() ?? 0) - deps.now();
    const wait = Math.max(waitMs, Math.min(told, LONGEST_TOLD_MS));
    if (deps.now() + wait > giveUpAt) throw timedOut(names, what, Math.round(deps.withinMs / 1_000));
    await sleep(wait, undefined, { signal });
  }
};

const LONGEST_POLL_MS = 10_000;
const LONGEST_TOLD_MS = 60_000;

/** Over before the authority said anything about the order. */
const isPassing = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted ||
  (error instanceof BerthError && ['ACME_UNREACHABLE', 'ACME_TIMED_OUT', 'ACME_RATE_LIMITED'].includes(error.code));

const hashOf = (words: readonly string[]): string => createHash('sha256').update(words.join(' ')).digest('hex').slice(0, 16);
