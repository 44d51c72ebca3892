/** All documents that live in this process: what the sockets and the HTTP API talk to. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { Expiry } from '../domain/messages.ts';

/** Where a name leads and in which role; made by `admit` and good for one connection or call. */
export type Admission = { readonly documentId: string; readonly role: 'editor' | 'viewer' };

/** Who calls the HTTP API: a participant that is connected. `ticket` binds the call to its socket (`kolabpad.2`). */
export type Actor = { readonly userId: number; readonly userName: string; readonly ticket: string | null };

export type Stats = {
  readonly documentsInMemory: number;
  readonly activePersisters: number;
  readonly websocketConnections: number;
  /** Rows in the store. */
  readonly storedDocuments: number;
};

export interface Documents {
  /**
   * Who may come in under this id, a read-only link included. Never makes or loads a document: the token is compared with
   * the memory, or else with the stored one. Throws DOCUMENT_ID_REQUIRED, TOKEN_REQUIRED, TOO_MANY_ATTEMPTS (per client
   * address) and DOCUMENT_NOT_FOUND (a read-only link that does not exist, or no more).
   */
  admit(id: string, token: string | null, address: string): Admission;
  /** The id is protected by a token. Says nothing about whether it exists. */
  isProtected(id: string): boolean;
  /** Throws TOO_MANY_SOCKETS and SHUTTING_DOWN, to be called before an upgrade is accepted. */
  checkRoom(admission: Admission, address: string): void;
  /** From here on the socket, and the one beneath it, are the document's. `extended`: it speaks `kolabpad.2`. */
  connect(
    socket: WebSocket,
    stream: Socket,
    admission: Admission,
    options: { readonly address: string; readonly extended: boolean },
  ): void;

  /** Sets a new token and returns it: 12 characters. A protected document asks for its `current` one. */
  protect(id: string, actor: Actor, current: string | null): string;
  unprotect(id: string, actor: Actor, current: string | null): void;
  /** `hours` null: back to the default. Needs a ticket. */
  setExpiry(id: string, actor: Actor, hours: number | null): Expiry;
  /** Makes the id of a read-only link, or returns the one there is. Needs a ticket. */
  createViewLink(id: string, actor: Actor): string;
  /** Closes whoever reads through it. Needs a ticket. */
  revokeViewLink(id: string, actor: Actor): void;
  /** Deletes the document and its bytes for good and closes every connection to it. Needs a ticket. */
  delete(id: string, actor: Actor): void;

  /** Undefined when there is no such document. */
  readText(
    admission: Admission,
  ): { readonly text: string; readonly revision: number; readonly language: string | null } | undefined;
  /** Makes the text this one, as one operation among those of others; returns its revision once it is stored. */
  writeText(admission: Admission, text: string): number;

  stats(): Stats;
  /** Why nobody should be sent here at the moment; null when all is well. */
  notReadyReason(): string | null;
  /** Stores everything, closes every socket, then the store; resolves with the number of documents that were flushed. */
  shutdown(deadlineMs: number): Promise<number>;
}
