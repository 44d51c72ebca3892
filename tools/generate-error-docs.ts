import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { renderErrorDocs } from './error-docs.ts';
import { ROOT } from './source-tree.ts';

writeFileSync(path.join(ROOT, 'docs/errors.md'), renderErrorDocs());
