/** Who filled in the form before a whitepaper. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { prepared } from '../store/statements.ts';

export type NewDownload = {
  readonly whitepaper: number;
  /** Kept, so that the lead says what it was for when the whitepaper is gone. */
  readonly whitepaperTitle: string;
  readonly name: string;
  readonly email: string;
  readonly company: string;
  readonly designation: string;
  readonly hasConsented: boolean;
  readonly network: string;
  readonly userAgent: string;
};

export type Download = NewDownload & { readonly id: number; readonly createdAtMs: number };

export type DownloadQuery = {
  readonly whitepaper?: number;
  /** Moments: from the first, until before the second. */
  readonly fromMs?: number;
  readonly untilMs?: number;
  readonly page?: number;
};

export type Downloads = {
  add(download: NewDownload): number;
  list(query: DownloadQuery): { readonly rows: readonly Download[]; readonly total: number; readonly pages: number };
  all(query: DownloadQuery): readonly Download[];
  /** How often each whitepaper was given out. */
  countOf(whitepaper: number): number;
  remove(id: number): void;
};

export const DOWNLOADS_PER_PAGE = 25;

export const openDownloads = (database: DatabaseSync, now: () => number): Downloads => {
  const condition = '(?1 = 0 OR whitepaper = ?1) AND created_at >= ?2 AND created_at < ?3';
  const valuesOf = ({ whitepaper = 0, fromMs = 0, untilMs = Number.MAX_SAFE_INTEGER }: DownloadQuery) =>
    [whitepaper, fromMs, untilMs] as const;
  const list = (query: DownloadQuery, limit: number, offset: number): readonly Download[] =>
    prepared(
      database,
      `SELECT * FROM whitepaper_downloads WHERE ${condition} ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5`,
    )
      .all(...valuesOf(query), limit, offset)
      .map(downloadOf);
  return {
    add: (given) =>
      Number(
        prepared(
          database,
          `INSERT INTO whitepaper_downloads (whitepaper, whitepaper_title, name, email, company, designation, marketing_consent, network, user_agent, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          given.whitepaper,
          given.whitepaperTitle,
          given.name,
          given.email,
          given.company,
          given.designation,
          given.hasConsented ? 1 : 0,
          given.network,
          given.userAgent,
          now(),
        ).lastInsertRowid,
      ),
    list(query) {
      const row = prepared(database, `SELECT count(*) AS total FROM whitepaper_downloads WHERE ${condition}`).get(
        ...valuesOf(query),
      );
      const total = Number(row?.['total']);
      const rows = list(query, DOWNLOADS_PER_PAGE, ((query.page ?? 1) - 1) * DOWNLOADS_PER_PAGE);
      return { rows, total, pages: Math.max(1, Math.ceil(total / DOWNLOADS_PER_PAGE)) };
    },
    all: (query) => list(query, -1, 0),
    countOf: (whitepaper) =>
      Number(
        prepared(database, 'SELECT count(*) AS total FROM whitepaper_downloads WHERE whitepaper = ?').get(whitepaper)?.['total'],
      ),
    remove(id) {
      prepared(database, 'DELETE FROM whitepaper_downloads WHERE id = ?').run(id);
    },
  };
};

const downloadOf = (row: Readonly<Record<string, SQLOutputValue>>): Download => ({
  id: Number(row['id']),
  whitepaper: Number(row['whitepaper']),
  whitepaperTitle: String(row['whitepaper_title']),
  name: String(row['name']),
  email: String(row['email']),
  company: String(row['company']),
  designation: String(row['designation']),
  hasConsented: row['marketing_consent'] === 1,
  network: String(row['network']),
  userAgent: String(row['user_agent']),
  createdAtMs: Number(row['created_at']),
});
