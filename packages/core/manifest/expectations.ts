/** What the tests of this folder ask of a manifest's text. */
import assert from 'node:assert/strict';
import type { Manifest, Service } from './model.ts';
import { parseManifest } from './parse.ts';
import { formatProblem, type ManifestProblem } from './problem.ts';

export const manifestOf = (text: string): Manifest => {
  const result = parseManifest(text, { file: 'berth.yaml' });
  if (!result.ok) throw new assert.AssertionError({ message: result.problems.map(formatProblem).join('\n') });
  return result.manifest;
};

export const problemsOf = (text: string): readonly ManifestProblem[] => {
  const result = parseManifest(text, { file: 'berth.yaml' });
  return result.ok ? [] : result.problems;
};

export const warningsOf = (text: string): readonly ManifestProblem[] => {
  const result = parseManifest(text, { file: 'berth.yaml' });
  assert.ok(result.ok);
  return result.warnings;
};

/** A service called `web` with these lines, in an app with a database `db`, files `uploads` and a worker `mailer`. */
export const withService = (lines: string): string =>
  `app: pad\nservices:\n  mailer: node mailer.ts\n  web:\n    run: node web.ts\n${indent(lines, 4)}\n` +
  'stores: { db: { sqlite: pad.db }, uploads: { files: uploads } }\n';

export const serviceOf = (lines: string): Service => {
  const service = manifestOf(withService(lines)).services.find(({ name }) => name === 'web');
  assert.ok(service);
  return service;
};

/** Routes of an app with a service `web`, a database `db` and files `uploads`. */
export const withRoutes = (lines: string): string =>
  `app: pad\nservices: { web: node web.ts }\nstores: { db: { sqlite: pad.db }, uploads: { files: uploads } }\nroutes:\n${indent(lines, 2)}\n`;

/** The messages, each with its suggestion. */
export const sayings = (problems: readonly ManifestProblem[]): string[] =>
  problems.map(({ message, suggestion }) => (suggestion === null ? message : `${message} (${suggestion})`));

const indent = (lines: string, by: number): string =>
  lines
    .split('\n')
    .map((line) => ' '.repeat(by) + line)
    .join('\n');
