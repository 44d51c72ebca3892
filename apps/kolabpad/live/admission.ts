/** Who comes in: the right token, not too many, not too often. */
import { createAttemptLimiter } from '@berth/kit';
import { documentIdRequired, documentNotFound, tokenRequired, tooManyAttempts, tooManySockets } from '../domain/errors.ts';
import type { Admission, Documents } from './documents.ts';
import type { RoomDeps } from './room.ts';
import type { Rooms } from './rooms.ts';
import { isSameToken, VIEW_LINK_PREFIX } from './token.ts';

const MINUTE_MS = 60_000;
const ADDRESSES_REMEMBERED = 10_000;

export type Gate = Pick<Documents, 'admit' | 'isProtected' | 'checkRoom'> & {
  entered(address: string): void;
  left(address: string): void;
};

export function createGate(rooms: Rooms, { store, settings, now, log, instruments }: Omit<RoomDeps, 'commit'>): Gate {
  const sockets = new Map<string, number>();
  const attempts = createAttemptLimiter({
    limit: settings.maxOtpAttemptsPerMinute,
    windowMs: MINUTE_MS,
    now,
    maxKeys: ADDRESSES_REMEMBERED,
  });

  /** Before anything is loaded: wrong tokens never fill the memory. */
  const tokenOf = (id: string): { readonly otp: string | null; readonly source: 'memory' | 'database' } => {
    const room = rooms.find(id);
    return room === undefined
      ? { otp: rooms.read(() => store.findToken(id)).otp, source: 'database' }
      : { otp: room.otp, source: 'memory' };
  };

  const checkToken = (id: string, token: string | null, address: string): void => {
    const { otp, source } = tokenOf(id);
    if (otp === null) return;
    const retryAfterSec = attempts.retryAfterSec(address);
    if (retryAfterSec > 0) throw tooManyAttempts(retryAfterSec);
    const isValid = isSameToken(token, otp);
    log.info('otp_validation', { docId: id, source, result: isValid ? 'valid' : 'invalid' });
    if (isValid) return;
    instruments.tokenErrors.increment();
    // Whoever brings none has not guessed: the first visit to a protected document is like that.
    if (token !== null) attempts.fail(address);
    if (attempts.retryAfterSec(address) > 0)
      log.warn('otp_validation_rate_high', { ip: address, count: settings.maxOtpAttemptsPerMinute });
    throw tokenRequired();
  };

  return {
    admit(id, token, address): Admission {
      if (id === '') throw documentIdRequired();
      if (!id.startsWith(VIEW_LINK_PREFIX)) {
        checkToken(id, token, address);
        return { documentId: id, role: 'editor' };
      }
      const documentId = rooms.findByViewLink(id);
      if (documentId === undefined) throw documentNotFound();
      return { documentId, role: 'viewer' };
    },
    isProtected: (id) => id !== '' && !id.startsWith(VIEW_LINK_PREFIX) && tokenOf(id).otp !== null,
    checkRoom({ documentId }, address) {
      if ((rooms.find(documentId)?.connections.size ?? 0) >= settings.maxSocketsPerDocument) throw tooManySockets('document');
      if ((sockets.get(address) ?? 0) >= settings.maxSocketsPerAddress) throw tooManySockets('client');
    },
    entered: (address) => void sockets.set(address, (sockets.get(address) ?? 0) + 1),
    left(address) {
      const others = (sockets.get(address) ?? 1) - 1;
      if (others > 0) sockets.set(address, others);
      else sockets.delete(address);
    },
  };
}
