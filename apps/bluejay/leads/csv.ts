/** Leads for a spreadsheet: no cell is ever a formula. */
import { stringify } from 'csv-stringify/sync';
import type { Download } from './downloads.ts';
import type { Submission } from './submissions.ts';

/** With a mark in front that tells spreadsheets that it is UTF-8. */
const render = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  stringify([columns, ...rows] as unknown[][], { bom: true, escape_formulas: true, record_delimiter: 'windows' });

export const renderSubmissions = (submissions: readonly Submission[]): string =>
  render(
    ['id', 'received', 'kind', 'status', 'inquiry', 'name', 'email', 'phone', 'company', 'product', 'message', 'notes'],
    submissions.map((one) => [
      one.id,
      new Date(one.createdAtMs).toISOString(),
      one.kind,
      one.status,
      one.inquiry,
      one.name,
      one.email,
      one.phone,
      one.company,
      one.product,
      one.message,
      one.notes,
    ]),
  );

export const renderDownloads = (downloads: readonly Download[]): string =>
  render(
    ['id', 'received', 'whitepaper', 'name', 'email', 'company', 'designation', 'marketing consent'],
    downloads.map((one) => [
      one.id,
      new Date(one.createdAtMs).toISOString(),
      one.whitepaperTitle,
      one.name,
      one.email,
      one.company,
      one.designation,
      one.hasConsented ? 'yes' : 'no',
    ]),
  );
