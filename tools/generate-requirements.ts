/** Writes docs/requirements.md and the README's table of guides from docs/requirements/*.json and docs/guides/steps.json, and what the pages of the guides say of their replay. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { requirementsDocs } from './requirements-docs.ts';
import { ROOT } from './source-tree.ts';

for (const [file, text] of Object.entries(requirementsDocs())) writeFileSync(path.join(ROOT, file), text);
