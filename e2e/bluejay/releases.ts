/** Releases after the first, as edits of its source. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Clone } from './clone.ts';

/** A field that products did not have, and a type that the site did not have. */
export function addFieldAndType({ edit, write }: Clone): void {
  edit(
    'types/product.ts',
    /^ {4}tagline: /m,
    "    warranty: { kind: 'text', label: 'Warranty', default: 'two years', max: 50 },\n    tagline: ",
  );
  write(
    'types/job-opening.ts',
    `import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const jobOpening = defineContentType({
  name: 'job-opening',
  table: 'job_openings',
  label: { one: 'Job opening', many: 'Job openings' },
  kind: 'collection',
  admin: { path: 'job-openings', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    skills: { kind: 'lines', label: 'Skills' },
  },
  lifecycle: 'publication',
  order: BY_HAND,
});
`,
  );
  edit('types/index.ts', /^import .* from '\.\/industry\.ts';$/m, "$&\nimport { jobOpening } from './job-opening.ts';");
  edit('types/index.ts', /^ {2}product,$/m, '  product,\n  jobOpening,');
}

/** A migration that writes so many rows, in one transaction; one of an earlier call is no longer there. */
export function setMigration({ edit, write, app }: Clone, name: string, rows: number): void {
  if (!existsSync(join(app, 'store/later-migrations.ts'))) {
    edit('store/migrations.ts', /^import /m, "import { laterMigrations } from './later-migrations.ts';\nimport ");
    edit('store/migrations.ts', /^ {2}\.\.\.contentMigrations,$/m, '$&\n  ...laterMigrations,');
  }
  const table = `CREATE TABLE ${name} (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT`;
  const fill = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT i, hex(i) FROM n`;
  const migration = { name, sql: `${table}; INSERT INTO ${name} ${fill};` };
  write('store/later-migrations.ts', `export const laterMigrations = ${JSON.stringify([migration])};\n`);
}
