/** Writes docs/manifest.md and docs/manifest.schema.json from the schema. A test in packages/core fails when they are out of date. */
import { writeFileSync } from 'node:fs';
import { manifestJsonSchema, renderManifestReference } from '@berth/core';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('manifest.md', docs), renderManifestReference());
writeFileSync(new URL('manifest.schema.json', docs), `${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
