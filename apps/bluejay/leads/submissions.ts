/** Messages that visitors sent by the contact form. */
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { containing } from '../store/like.ts';
import { prepared } from '../store/statements.ts';

export const INQUIRIES = ['sales', 'support', 'partnership', 'demo', 'other'] as const;
export type Inquiry = (typeof INQUIRIES)[number];
export const STATUSES = ['new', 'read', 'replied', 'closed', 'archived'] as const;
export type SubmissionStatus = (typeof STATUSES)[number];

export type NewSubmission = {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly company: string;
  readonly message: string;
  readonly inquiry: Inquiry;
  /** `rfq`: a request for a quote, of `product`. */
  readonly kind: 'contact' | 'rfq';
  /** SKU, or ''. */
  readonly product: string;
  readonly network: string;
  readonly userAgent: string;
};

export type Submission = NewSubmission & {
  readonly id: number;
  readonly status: SubmissionStatus;
  readonly notes: string;
  readonly createdAtMs: number;
};

export type SubmissionQuery = {
  readonly tab?: 'all' | 'contact' | 'rfq' | 'new';
  readonly status?: SubmissionStatus;
  /** Found in name, address, company or message. */
  readonly search?: string;
  readonly page?: number;
};

export type Submissions = {
  add(submission: NewSubmission): number;
  find(id: number): Submission | undefined;
  /** The ids of the newer and the older one beside it, among all. */
  neighbours(id: number): { readonly newer: number | undefined; readonly older: number | undefined };
  list(query: SubmissionQuery): { readonly rows: readonly Submission[]; readonly total: number; readonly pages: number };
  /** Newest first, for an export. */
  all(query: SubmissionQuery): readonly Submission[];
  update(id: number, change: { readonly status: SubmissionStatus; readonly notes: string }): void;
  /** New ones among the ids become `read`. */
  markRead(ids: readonly number[]): number;
  remove(id: number): void;
  counts(): { readonly all: number; readonly new: number };
};

export const SUBMISSIONS_PER_PAGE = 25;

export const openSubmissions = (database: DatabaseSync, now: () => number): Submissions => {
  const list = (query: SubmissionQuery, limit: number, offset: number): readonly Submission[] => {
    const { text, values } = conditionOf(query);
    return prepared(
      database,
      `SELECT * FROM contact_submissions WHERE ${text} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?`,
    )
      .all(...values, limit, offset)
      .map(submissionOf);
  };
  const idBeside = (sql: string, id: number): number | undefined => {
    const row = prepared(database, sql).get(id);
    return row === undefined ? undefined : Number(row['id']);
  };
  return {
    add: (given) =>
      Number(
        prepared(
          database,
          `INSERT INTO contact_submissions (name, email, phone, company, message, inquiry_type, submission_type, product, network, user_agent, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        ).run(
          given.name,
          given.email,
          given.phone,
          given.company,
          given.message,
          given.inquiry,
          given.kind,
          given.product,
          given.network,
          given.userAgent,
          now(),
        ).lastInsertRowid,
      ),
    find(id) {
      const row = prepared(database, 'SELECT * FROM contact_submissions WHERE id = ?').get(id);
      return row === undefined ? undefined : submissionOf(row);
    },
    neighbours: (id) => ({
      newer: idBeside('SELECT id FROM contact_submissions WHERE id > ? ORDER BY id LIMIT 1', id),
      older: idBeside('SELECT id FROM contact_submissions WHERE id < ? ORDER BY id DESC LIMIT 1', id),
    }),
    list(query) {
      const { text, values } = conditionOf(query);
      const row = prepared(database, `SELECT count(*) AS total FROM contact_submissions WHERE ${text}`).get(...values);
      const total = Number(row?.['total']);
      const rows = list(query, SUBMISSIONS_PER_PAGE, ((query.page ?? 1) - 1) * SUBMISSIONS_PER_PAGE);
      return { rows, total, pages: Math.max(1, Math.ceil(total / SUBMISSIONS_PER_PAGE)) };
    },
    all: (query) => list(query, -1, 0),
    update(id, { status, notes }) {
      prepared(database, 'UPDATE contact_submissions SET status = ?, notes = ? WHERE id = ?').run(status, notes, id);
    },
    markRead: (ids) =>
      Number(
        prepared(
          database,
          "UPDATE contact_submissions SET status = 'read' WHERE status = 'new' AND id IN (SELECT value FROM json_each(?))",
        ).run(JSON.stringify(ids)).changes,
      ),
    remove(id) {
      prepared(database, 'DELETE FROM contact_submissions WHERE id = ?').run(id);
    },
    counts() {
      const row = prepared(
        database,
        "SELECT count(*) AS total, count(*) FILTER (WHERE status = 'new') AS fresh FROM contact_submissions",
      ).get();
      return { all: Number(row?.['total']), new: Number(row?.['fresh']) };
    },
  };
};

const conditionOf = ({ tab = 'all', status, search = '' }: SubmissionQuery): { text: string; values: string[] } => {
  const parts: { readonly text: string; readonly values: readonly string[] }[] = [];
  if (tab === 'new') parts.push({ text: "status = 'new'", values: [] });
  if (tab === 'contact' || tab === 'rfq') parts.push({ text: 'submission_type = ?', values: [tab] });
  if (status !== undefined) parts.push({ text: 'status = ?', values: [status] });
  if (search !== '') {
    const pattern = containing(search);
    const columns = ['name', 'email', 'company', 'message'];
    parts.push({
      text: `(${columns.map((column) => String.raw`${column} LIKE ? ESCAPE '\'`).join(' OR ')})`,
      values: columns.map(() => pattern),
    });
  }
  return { text: parts.map(({ text }) => text).join(' AND ') || 'true', values: parts.flatMap(({ values }) => values) };
};

const submissionOf = (row: Readonly<Record<string, SQLOutputValue>>): Submission => {
  const text = (column: string): string => String(row[column]);
  return {
    id: Number(row['id']),
    name: text('name'),
    email: text('email'),
    phone: text('phone'),
    company: text('company'),
    message: text('message'),
    inquiry: INQUIRIES.find((one) => one === row['inquiry_type']) ?? 'other',
    kind: row['submission_type'] === 'rfq' ? 'rfq' : 'contact',
    product: text('product'),
    network: text('network'),
    userAgent: text('user_agent'),
    status: STATUSES.find((one) => one === row['status']) ?? 'new',
    notes: text('notes'),
    createdAtMs: Number(row['created_at']),
  };
};
