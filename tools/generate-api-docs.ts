/**
 * Writes docs/api/openapi.json from the contract and docs/cli.md from the commands.
 * Usage: node tools/generate-api-docs.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { renderOpenApi } from '@berth/protocol';
import { renderCliReference } from '../programs/cli/reference.ts';
import { VERSION } from '../programs/cli/version.ts';

const root = join(import.meta.dirname, '..');

/** Generated files and their texts; the tests compare them with what is committed. */
export const generatedDocs = (): Readonly<Record<string, string>> => ({
  'docs/api/openapi.json': `${JSON.stringify(renderOpenApi(VERSION), null, 2)}\n`,
  'docs/cli.md': renderCliReference(),
});

if (import.meta.main) {
  for (const [path, text] of Object.entries(generatedDocs())) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    process.stdout.write(`${path}\n`);
  }
}
