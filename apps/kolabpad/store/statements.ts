import type { DatabaseSync } from 'node:sqlite';

/** Everything that the store asks of its database, prepared once: a commit is on the way of every keystroke. */
export const prepareStatements = (db: DatabaseSync) => ({
  begin: db.prepare('BEGIN IMMEDIATE'),
  commit: db.prepare('COMMIT'),

  find: db.prepare(`
    SELECT text, revision AS snapshotRevision, base_revision AS base, base_text AS baseText, origin, language, otp,
      view_link AS viewLink, expiry_hours AS expiryHours
    FROM document WHERE id = ?`),
  findEntries: db.prepare(`
    SELECT revision, author, operation, session, sequence FROM operation
    WHERE document_id = ? AND revision > ? ORDER BY revision`),
  findEpochs: db.prepare('SELECT id, start FROM epoch WHERE document_id = ? ORDER BY start, rowid'),
  findToken: db.prepare('SELECT otp FROM document WHERE id = ?'),
  findByViewLink: db.prepare('SELECT id FROM document WHERE view_link = ?'),
  findExpired: db.prepare(`
    SELECT id FROM document
    WHERE last_accessed_at + coalesce(expiry_hours, ?2) * 3600000 < ?1 ORDER BY last_accessed_at`),
  count: db.prepare('SELECT count(*) AS count FROM document'),

  // The text is named since the original's column has no default.
  ensureDocument: db.prepare(`
    INSERT INTO document (id, text, created_at, updated_at, last_accessed_at) VALUES (?1, '', ?2, ?2, ?2)
    ON CONFLICT (id) DO NOTHING`),
  addOperation: db.prepare(`
    INSERT INTO operation (document_id, revision, author, operation, session, sequence) VALUES (?, ?, ?, ?, ?, ?)`),
  addEpoch: db.prepare('INSERT INTO epoch (document_id, id, start) VALUES (?, ?, ?)'),

  // A row that begins with a snapshot has no journal before it.
  writeSnapshot: db.prepare(`
    INSERT INTO document (id, language, text, revision, base_text, base_revision, origin, created_at, updated_at, last_accessed_at)
    VALUES (:id, :language, :text, :revision, :text, :revision, :origin, :now, :now, :now)
    ON CONFLICT (id) DO UPDATE
    SET text = excluded.text, revision = excluded.revision, language = excluded.language, updated_at = excluded.updated_at`),
  setToken: db.prepare('UPDATE document SET otp = ? WHERE id = ?'),
  setViewLink: db.prepare('UPDATE document SET view_link = ? WHERE id = ?'),
  setExpiry: db.prepare('UPDATE document SET expiry_hours = ? WHERE id = ?'),
  touch: db.prepare('UPDATE document SET last_accessed_at = ?1 WHERE id = ?2 AND last_accessed_at < ?1'),

  // A snapshot from before the base would have nothing to lead it on.
  compact: db.prepare(`
    UPDATE document SET base_revision = :base, base_text = :baseText, origin = :origin,
      text = iif(revision < :base, :baseText, text), revision = max(revision, :base)
    WHERE id = :id`),
  forgetOperations: db.prepare('DELETE FROM operation WHERE document_id = ? AND revision <= ?'),
  // An epoch ends where the next one starts; at that very revision it can still be resumed.
  forgetEpochs: db.prepare(`
    DELETE FROM epoch WHERE document_id = ?1 AND EXISTS (
      SELECT 1 FROM epoch AS later
      WHERE later.document_id = ?1 AND later.rowid > epoch.rowid AND later.start < ?2)`),
  forgetAllEpochs: db.prepare('DELETE FROM epoch WHERE document_id = ?'),
  repair: db.prepare(`
    UPDATE document SET text = :text, revision = :revision, base_revision = :base, base_text = :baseText, origin = :origin
    WHERE id = :id`),
  delete: db.prepare('DELETE FROM document WHERE id = ?'),
});
