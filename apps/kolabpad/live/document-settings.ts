/**
 * What participants decide about a document beside its text: token, expiry, read-only link, deletion. Each is stored first,
 * then in memory, then told; what the store refuses changes nothing.
 */
import { invalidToken, notProtected, storeFailed, storeNotEnabled } from '../domain/errors.ts';
import { CLOSE } from '../domain/messages.ts';
import type { Actor, Documents } from './documents.ts';
import type { Room, RoomDeps } from './room.ts';
import type { Rooms } from './rooms.ts';
import { createToken, createViewLinkId, isSameToken } from './token.ts';

type DocumentSettings = Pick<Documents, 'protect' | 'unprotect' | 'setExpiry' | 'createViewLink' | 'revokeViewLink' | 'delete'>;

export function createDocumentSettings(rooms: Rooms, deps: RoomDeps): DocumentSettings {
  const { store, log, commit } = deps;
  const keep = (room: Room, write: () => void): void => {
    if (store.kind === 'memory') throw storeNotEnabled();
    try {
      room.persister.writeNow(write);
    } catch (error) {
      throw storeFailed(error);
    }
  };
  const by = ({ userId, userName }: Actor): { user_id: number; user_name: string } => ({ user_id: userId, user_name: userName });

  const setToken = (room: Room, actor: Actor, otp: string | null): void => {
    keep(room, () => store.writeToken(room.snapshot(), otp));
    room.otp = otp;
    log.info('critical_write', { docId: room.id, type: otp === null ? 'otp_unprotect' : 'otp_protect' });
    room.tellEditors({ OTP: { otp, ...by(actor) } });
  };

  return {
    protect(id, actor, current) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: false });
      // Else whoever guesses the number of a participant would be handed a new token.
      if (room.otp !== null && !isSameToken(current, room.otp)) throw invalidToken();
      const otp = createToken();
      setToken(room, actor, otp);
      return otp;
    },
    unprotect(id, actor, current) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: false });
      if (store.kind === 'memory') throw storeNotEnabled();
      if (room.otp === null) throw notProtected();
      if (!isSameToken(current, room.otp)) throw invalidToken();
      setToken(room, actor, null);
    },
    setExpiry(id, actor, hours) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: true });
      keep(room, () => store.writeExpiry(room.snapshot(), hours));
      room.expiryHours = hours;
      room.tellEditors({ Expiry: { ...room.expiry, ...by(actor) } });
      return room.expiry;
    },
    createViewLink(id, actor) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: true });
      if (room.viewLink !== null) return room.viewLink;
      const link = createViewLinkId();
      keep(room, () => store.writeViewLink(room.snapshot(), link));
      rooms.setViewLink(room, link);
      room.tellEditors({ ViewLink: { id: link, ...by(actor) } });
      return link;
    },
    revokeViewLink(id, actor) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: true });
      if (room.viewLink === null) return;
      keep(room, () => store.writeViewLink(room.snapshot(), null));
      rooms.setViewLink(room, null);
      room.tellEditors({ ViewLink: { id: null, ...by(actor) } });
      for (const connection of room.connections)
        if (connection.role === 'viewer') connection.close(CLOSE.revoked, 'the read-only link was revoked');
    },
    delete(id, actor) {
      const room = rooms.ofParticipant(id, actor, { needsTicket: true });
      try {
        store.delete([id]);
      } catch (error) {
        deps.instruments.persistErrors.increment();
        log.error('database_write_failed', { docId: id, error });
        throw storeFailed(error);
      }
      commit.forget(room);
      log.info('document_deleted', { docId: id });
      rooms.forget(room);
      room.persister.abandon('eviction');
      room.close(CLOSE.deleted, 'the document was deleted');
    },
  };
}
