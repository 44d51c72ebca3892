/** Who is at the other end of a request of the panel. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Permission, Role } from './permissions.ts';

export type Account = {
  readonly id: number;
  readonly email: string;
  readonly name: string;
  readonly role: Role;
};

export type Session = {
  readonly account: Account;
  /** For `csrfInput` and the X-CSRF-Token header. */
  readonly csrf: string;
};

export type Sessions = {
  /** Undefined: nobody is logged in. Costs one look into the database; nothing is believed that the cookie says. */
  find(request: FastifyRequest): Session | undefined;
  /**
   * A preHandler for every route of the panel: to the login page without a session (fragments and JSON: 401), 403 without the
   * permission, 403 for a changing request without the right token or from another site. Afterwards `sessionOf` gives the session.
   * The token is the form's field `_csrf` or the header X-CSRF-Token. A multipart form's body is not read yet when this asks:
   * such a form without script carries it in its address, `action="…?_csrf=…"`.
   */
  require(permission: Permission): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;
};

const SESSION = Symbol('session');

/** Only behind `require`; throws elsewhere. */
export const sessionOf = (request: FastifyRequest): Session => {
  const session = (request as { [SESSION]?: Session })[SESSION];
  if (session === undefined) throw new Error('this route does not ask for a session');
  return session;
};

export const rememberSession = (request: FastifyRequest, session: Session): void => {
  (request as { [SESSION]?: Session })[SESSION] = session;
};
