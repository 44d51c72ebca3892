import type { DatabaseSync } from 'node:sqlite';

export type SecretRow = {
  readonly name: string;
  readonly version: number;
  /** Encrypted. */
  readonly value: Uint8Array;
  readonly setAt: string;
  readonly generated: boolean;
};

/** What users set for an app beside its manifest: variables, and secrets (which arrive here encrypted). */
export interface Configuration {
  variables(app: string): Readonly<Record<string, string>>;
  setVariable(app: string, name: string, value: string | null): void;
  /** The current version of each. */
  secrets(app: string): readonly SecretRow[];
  secret(app: string, name: string, version: number): SecretRow | undefined;
  /** A new version, which becomes the current one; null removes the current one. */
  setSecret(app: string, name: string, value: { sealed: Uint8Array; generated: boolean } | null): void;
  /** Deletes every version of these but the current one, whatever release has it. */
  forgetFormer(app: string, names: readonly string[]): void;
  /** Deletes versions that are neither current nor in `keep` (as "name@version"). */
  pruneSecrets(app: string, keep: ReadonlySet<string>): void;
}

export function createConfiguration(db: DatabaseSync, deps: { now: () => Date }): Configuration {
  const variables = db.prepare('SELECT name, value FROM variable WHERE app = ? ORDER BY name');
  const putVariable = db.prepare(
    'INSERT INTO variable (app, name, value) VALUES (?, ?, ?) ON CONFLICT (app, name) DO UPDATE SET value = excluded.value',
  );
  const dropVariable = db.prepare('DELETE FROM variable WHERE app = ? AND name = ?');
  const secrets = db.prepare('SELECT * FROM secret WHERE app = ? AND current = 1 ORDER BY name');
  const everySecret = db.prepare('SELECT * FROM secret WHERE app = ?');
  const oneSecret = db.prepare('SELECT * FROM secret WHERE app = ? AND name = ? AND version = ?');
  const retire = db.prepare('UPDATE secret SET current = 0 WHERE app = ? AND name = ?');
  const next = db.prepare('SELECT coalesce(max(version), 0) + 1 AS version FROM secret WHERE app = ? AND name = ?');
  const insert = db.prepare(
    'INSERT INTO secret (app, name, version, value, set_at, generated, current) VALUES (?, ?, ?, ?, ?, ?, 1)',
  );
  const dropSecret = db.prepare('DELETE FROM secret WHERE app = ? AND name = ? AND version = ?');
  return {
    variables: (app) => Object.fromEntries(variables.all(app).map((row) => [row.name as string, row.value as string])),
    setVariable(app, name, value) {
      if (value === null) dropVariable.run(app, name);
      else putVariable.run(app, name, value);
    },
    secrets: (app) => secrets.all(app).map(toSecret),
    secret(app, name, version) {
      const row = oneSecret.get(app, name, version);
      return row && toSecret(row);
    },
    setSecret(app, name, value) {
      const { version } = next.get(app, name) as { version: number };
      retire.run(app, name);
      if (value) insert.run(app, name, version, value.sealed, deps.now().toISOString(), value.generated ? 1 : 0);
    },
    forgetFormer(app, names) {
      for (const row of everySecret.all(app)) {
        if (row.current !== 1 && names.includes(row.name as string))
          dropSecret.run(app, row.name as string, row.version as number);
      }
    },
    pruneSecrets(app, keep) {
      for (const row of everySecret.all(app)) {
        if (row.current === 1 || keep.has(`${row.name}@${row.version}`)) continue;
        dropSecret.run(app, row.name as string, row.version as number);
      }
    },
  };
}

const toSecret = (row: Record<string, unknown>): SecretRow => ({
  name: row.name as string,
  version: row.version as number,
  value: row.value as Uint8Array,
  setAt: row.set_at as string,
  generated: row.generated === 1,
});
