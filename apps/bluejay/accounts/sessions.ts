/** Sessions of the panel, kept in the database: a cookie names one, and says nothing else. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Bluejay } from '../bluejay.ts';
import { accessDenied, csrfRefused, loginRequired, passwordChangeRequired } from './errors.ts';
import { can, type Permission, type Role } from './permissions.ts';
import { carriesToken, isChanging, isFromThisSite, wantsPage } from './request-origin.ts';
import { type Account, rememberSession, type Session, type Sessions } from './session.ts';
import {
  createToken,
  csrfTokenOf,
  hashToken,
  readCookie,
  SESSION_COOKIE,
  SESSION_LIFETIME_MS,
  writeCookie,
} from './session-cookie.ts';

export type SessionParts = Pick<Bluejay, 'database' | 'env' | 'now' | 'log'>;

/** A session as its owner sees it. */
export type ListedSession = {
  readonly id: number;
  readonly address: string;
  readonly agent: string;
  readonly createdAtMs: number;
  /** To the minute. */
  readonly lastSeenAtMs: number;
  readonly isCurrent: boolean;
};

/** What the login and the screens of accounts do with sessions, besides asking for them. */
export type SessionControl = Sessions & {
  /** A preHandler as `require` gives, for what everybody may do with the own account, even with a one-time password. */
  requireOwn(): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
  /** Logs the account in: always with a new token, whatever the browser came with. */
  start(request: FastifyRequest, reply: FastifyReply, accountId: number): void;
  /** The same session under another token, after its rights changed. Gives the session to make the rest of the answer with. */
  rotate(request: FastifyRequest, reply: FastifyReply): Session | undefined;
  end(request: FastifyRequest, reply: FastifyReply): void;
  list(request: FastifyRequest, accountId: number): readonly ListedSession[];
  revoke(accountId: number, sessionId: number): void;
  /** All of the account but the one that asks. */
  revokeOthers(request: FastifyRequest, accountId: number): void;
};

const SEEN_EVERY_MS = 60_000;
const AGENT_LENGTH = 300;

/** Keeps nothing in memory: it may be opened as often as wanted. */
export const openSessions = (parts: SessionParts): SessionControl => {
  const { database, env, now, log } = parts;
  const sql = database.createTagStore();
  const setCookie = (reply: FastifyReply, token: string, maxAgeSec: number): void =>
    writeCookie(reply, { name: SESSION_COOKIE, value: token, path: '/', maxAgeSec, secure: env.isProduction });

  const find = (request: FastifyRequest): FoundSession | undefined => {
    const token = readCookie(request, SESSION_COOKIE);
    if (token === undefined) return undefined;
    const row = sql.get`
      SELECT s.id AS session, s.last_seen_at, s.must_rotate, a.id, a.email, a.name, a.role, a.must_change_password
      FROM sessions s JOIN accounts a ON a.id = s.account
      WHERE s.token_hash = ${hashToken(token)} AND s.expires_at > ${now()} AND s.last_seen_at > ${now() - env.sessionIdleMs}
        AND a.is_active = 1`;
    if (row === undefined) return undefined;
    const found = foundSession(row, token);
    if (now() - found.lastSeenAtMs >= SEEN_EVERY_MS)
      try {
        void sql.run`UPDATE sessions SET last_seen_at = ${now()} WHERE id = ${found.id}`;
      } catch (error) {
        // A full disk must not keep people from reading.
        log.error('session_not_touched', { error });
      }
    return found;
  };

  const rotate = (request: FastifyRequest, reply: FastifyReply, found: FoundSession): FoundSession => {
    const token = createToken();
    void sql.run`UPDATE sessions SET token_hash = ${hashToken(token)}, must_rotate = 0 WHERE id = ${found.id}`;
    const { expires_at: expiresAtMs } = sql.get`SELECT expires_at FROM sessions WHERE id = ${found.id}` ?? { expires_at: now() };
    setCookie(reply, token, Math.floor((Number(expiresAtMs) - now()) / 1_000));
    const rotated = { ...found, csrf: csrfTokenOf(token) };
    rememberSession(request, rotated);
    return rotated;
  };

  const guard =
    (permission: Permission | null) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const changes = isChanging(request);
      if (changes && !isFromThisSite(request, env)) throw csrfRefused();
      const found = find(request);
      if (found === undefined) {
        if (!wantsPage(request)) throw loginRequired();
        const query = changes ? 'error=session_error' : `next=${encodeURIComponent(request.url)}`;
        return reply.redirect(`/admin/login?${query}`, 303);
      }
      if (changes && !carriesToken(request, found.csrf)) throw csrfRefused();
      if (permission !== null && found.mustChangePassword) {
        if (!wantsPage(request)) throw passwordChangeRequired();
        return reply.redirect('/admin/account/password', 303);
      }
      if (permission !== null && !can(found.account, permission)) throw accessDenied();
      rememberSession(request, found);
      // Only with a whole page: tokens in forms that are open elsewhere end with the session's.
      if (found.mustRotate && !changes && wantsPage(request)) rotate(request, reply, found);
      return undefined;
    };

  const tokenHash = (request: FastifyRequest): Buffer => hashToken(readCookie(request, SESSION_COOKIE) ?? '');

  return {
    find,
    require: guard,
    requireOwn: () => guard(null),
    start(request, reply, accountId) {
      const token = createToken();
      const address = env.addressOf(request.socket.remoteAddress, request.headers['x-forwarded-for']);
      const agent = (request.headers['user-agent'] ?? '').slice(0, AGENT_LENGTH);
      void sql.run`DELETE FROM sessions WHERE token_hash = ${tokenHash(request)}`;
      void sql.run`
        INSERT INTO sessions (token_hash, account, created_at, last_seen_at, expires_at, address, agent)
        VALUES (${hashToken(token)}, ${accountId}, ${now()}, ${now()}, ${now() + SESSION_LIFETIME_MS}, ${address}, ${agent})`;
      setCookie(reply, token, SESSION_LIFETIME_MS / 1_000);
    },
    rotate(request, reply) {
      const found = find(request);
      return found === undefined ? undefined : rotate(request, reply, found);
    },
    end(request, reply) {
      void sql.run`DELETE FROM sessions WHERE token_hash = ${tokenHash(request)}`;
      setCookie(reply, '', 0);
    },
    list: (request, accountId) => {
      const current = find(request)?.id;
      const rows = sql.all`
        SELECT id, address, agent, created_at, last_seen_at FROM sessions
        WHERE account = ${accountId} AND expires_at > ${now()} AND last_seen_at > ${now() - env.sessionIdleMs}
        ORDER BY last_seen_at DESC, id DESC`;
      return rows.map((row) => ({
        id: Number(row['id']),
        address: String(row['address']),
        agent: String(row['agent']),
        createdAtMs: Number(row['created_at']),
        lastSeenAtMs: Number(row['last_seen_at']),
        isCurrent: row['id'] === current,
      }));
    },
    revoke(accountId, sessionId) {
      void sql.run`DELETE FROM sessions WHERE id = ${sessionId} AND account = ${accountId}`;
    },
    revokeOthers(request, accountId) {
      void sql.run`DELETE FROM sessions WHERE account = ${accountId} AND token_hash <> ${tokenHash(request)}`;
    },
  };
};

/** Sessions that nobody can use any more. Gives how many there were. */
export const sweepSessions = (database: DatabaseSync, limits: { readonly nowMs: number; readonly idleMs: number }): number => {
  const { nowMs, idleMs } = limits;
  const statement = database.prepare('DELETE FROM sessions WHERE expires_at <= ? OR last_seen_at <= ?');
  return Number(statement.run(nowMs, nowMs - idleMs).changes);
};

type FoundSession = Session & {
  readonly id: number;
  readonly lastSeenAtMs: number;
  readonly mustRotate: boolean;
  readonly mustChangePassword: boolean;
};

const foundSession = (row: Readonly<Record<string, SQLOutputValue>>, token: string): FoundSession => {
  const account: Account = {
    id: Number(row['id']),
    email: String(row['email']),
    name: String(row['name']),
    role: row['role'] as Role,
  };
  return {
    account,
    csrf: csrfTokenOf(token),
    id: Number(row['session']),
    lastSeenAtMs: Number(row['last_seen_at']),
    mustRotate: row['must_rotate'] === 1,
    mustChangePassword: row['must_change_password'] === 1,
  };
};
