/** What a release after this one could ask for: a new field, a new type's worth of rows, and steps that take a while. */
import type { ContentType } from '../../content/content-type.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import type { Schema } from '../migrate.ts';
import { MIGRATIONS, SCHEMA } from '../migrations.ts';

/** So many that one can be killed in between. */
export const ROWS = 100_000;

const fill = (name: string): string => `
  CREATE TABLE ${name} (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
  INSERT INTO ${name} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS}) SELECT i, hex(i) FROM n;`;

export const NEXT_RELEASE: Schema = {
  types: CONTENT_TYPES.map(
    (type): ContentType =>
      type.name === 'blog-tag'
        ? { ...type, fields: { ...type.fields, shade: { kind: 'text', label: 'Shade', default: 'grey' } } }
        : type,
  ),
  migrations: [...MIGRATIONS, { name: 'next-1', sql: fill('next_one') }, { name: 'next-2', sql: fill('next_two') }],
  generation: SCHEMA.generation + 1,
  compatibleFrom: SCHEMA.compatibleFrom,
};
