/** Writes the table of checks into docs/hardening.md. A test in packages/harden fails when it is out of date. */
import { readFileSync, writeFileSync } from 'node:fs';
import { CHECKS, renderCheckTable } from '@berth/harden';

const page = new URL('../docs/hardening.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const [start, end] = ['<!-- checks: npm run docs -->\n', '<!-- end of checks -->'];
const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
if (from < start.length || to < from) throw new Error('docs/hardening.md has lost the marks around the table of checks');
writeFileSync(page, `${text.slice(0, from)}\n${renderCheckTable(CHECKS)}\n${text.slice(to)}`);
