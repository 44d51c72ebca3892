/** Which part may import which: the order of the house, and its doors. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { importsOf, readText, readWorkspace, repositoryFiles, ROOT, typeImportsOf, workspaceOf } from './source-tree.ts';

/** Read downward: a workspace imports only from lines above its own. Those on one line do not import each other. */
const ORDER = [
  ['packages/core'],
  ['packages/protocol'],
  ['packages/testing'],
  ['packages/host'],
  ['packages/journal'],
  ['packages/secrets'],
  ['packages/replicate'],
  ['packages/vault'],
  ['packages/runtime', 'packages/edge', 'packages/stores', 'packages/watch', 'packages/harden'],
  ['packages/operations'],
  ['packages/doctor'],
  ['packages/kit'],
  ['programs/daemon', 'programs/cli', 'programs/console'],
  ['apps/kolabpad', 'apps/bluejay', 'apps/imageboard', 'apps/freshtrack', 'apps/launchdb'],
];

const files = repositoryFiles();
const sources = files
  .filter((file) => /\.(ts|js|mjs|tsx)$/.test(file))
  .map((file) => ({ file, imports: importsOf(readText(file)), typesOnly: typeImportsOf(readText(file)) }));
const workspaces = files
  .filter((file) => /^(packages|programs|apps)\/[^/]+\/package\.json$/.test(file))
  .map((file) => readWorkspace(path.dirname(file)));
const workspaceNamed = new Map(workspaces.map((workspace) => [workspace.name, workspace]));

/** Tests and what only tests use: a driver's conformance suite, fakes, fixtures. */
const isTest = (file: string): boolean => /\.test\.ts$|\/(?:conformance|testing|fake-[^/]+)\.ts$|\/testing\//.test(file);
/** What the browser runs; its build and its tests are run by Node. */
const isPage = (file: string): boolean => /^apps\/[^/]+\/page\/.*\.ts$/.test(file) && !isTest(file) && !isPageBuild(file);
const isPageBuild = (file: string): boolean => /^apps\/[^/]+\/page\/build\.ts$/.test(file);
/** `@scope/name` or `name`, without what comes behind it. */
const packageName = (specifier: string): string => specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
const isBare = (specifier: string): boolean => !/^(?:\.|\/|node:|#)/.test(specifier);

const rank = (folder: string): number => ORDER.findIndex((line) => line.includes(folder));

test('every workspace has its place in the order', () => {
  assert.deepEqual(
    workspaces.filter(({ folder }) => rank(folder) < 0).map(({ folder }) => folder),
    [],
  );
});

test('a workspace imports and depends only on those above it', () => {
  const wrong: string[] = [];
  const compare = (from: string, to: string, what: string): void => {
    if (rank(to) >= rank(from)) wrong.push(`${what}: ${from} is not below ${to}`);
  };
  for (const { folder, dependencies, developmentDependencies } of workspaces) {
    for (const name of [...dependencies, ...developmentDependencies]) {
      const target = workspaceNamed.get(name);
      if (target !== undefined) compare(folder, target.folder, `${folder}/package.json`);
    }
  }
  for (const { file, imports } of sources) {
    const from = workspaceOf(file);
    if (from === undefined) continue;
    for (const specifier of imports.filter(isBare)) {
      const target = workspaceNamed.get(packageName(specifier));
      if (target !== undefined && target.folder !== from) compare(from, target.folder, file);
    }
  }
  assert.deepEqual(wrong, []);
});

test('what a workspace imports is in its package.json', () => {
  const root = JSON.parse(readText('package.json')) as { devDependencies: Record<string, string> };
  const wrong: string[] = [];
  for (const { file, imports, typesOnly } of sources) {
    const workspace = workspaces.find(({ folder }) => folder === workspaceOf(file));
    if (workspace === undefined) continue;
    const allowed = new Set(workspace.dependencies);
    // Neither types nor what builds a page are there when it runs.
    for (const name of workspace.developmentDependencies)
      if (isPageBuild(file) || typesOnly.some((specifier) => packageName(specifier) === name)) allowed.add(name);
    // Tests may use what is there for tests: their workspace's, the repository's, and the shared fakes.
    if (isTest(file))
      for (const name of [...workspace.developmentDependencies, ...Object.keys(root.devDependencies), '@berth/testing'])
        allowed.add(name);
    for (const name of imports.filter(isBare).map(packageName)) if (!allowed.has(name)) wrong.push(`${file} imports ${name}`);
  }
  assert.deepEqual(wrong, []);
});

test('only tests, e2e and bench use the fakes of packages/testing', () => {
  const wrong = sources.filter(
    ({ file, imports }) => imports.includes('@berth/testing') && !isTest(file) && !/^(?:e2e|bench)\//.test(file),
  );
  assert.deepEqual(
    wrong.map(({ file }) => file),
    [],
  );
});

test('a package is entered by its index.ts alone', () => {
  const wrong: string[] = [];
  for (const { file, imports } of sources) {
    for (const specifier of imports) {
      const deepByName = isBare(specifier) && workspaceNamed.has(packageName(specifier)) && specifier !== packageName(specifier);
      if (deepByName) wrong.push(`${file} imports ${specifier}`);
      if (!specifier.startsWith('.')) continue;
      const target = workspaceOf(path.relative(ROOT, path.resolve(ROOT, path.dirname(file), specifier)));
      // Programs have no door: what documents one looks inside, and a test of the CLI may put the daemon's API before it.
      const mayLookInside = file.startsWith('tools/generate-') || (isTest(file) && file.startsWith('programs/'));
      // Nor have apps: their stories and benchmarks speak the wire with the app's own client.
      const mayLookIntoApp = target?.startsWith('apps/') === true && /^(?:e2e|bench)\//.test(file);
      const isFree = target === undefined || target === workspaceOf(file) || mayLookIntoApp;
      if (isFree || (target.startsWith('programs/') && mayLookInside)) continue;
      wrong.push(`${file} imports ${specifier}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('examples and apps import nothing of ours but the kit', () => {
  const wrong = sources.flatMap(({ file, imports }) =>
    /^(?:examples|apps)\//.test(file)
      ? imports
          .filter((name) => name.startsWith('@berth/') && name !== '@berth/kit' && !(name === '@berth/testing' && isTest(file)))
          .map((name) => `${file} imports ${name}`)
      : [],
  );
  assert.deepEqual(wrong, []);
});

test('what runs in a browser imports nothing of Node, whatever it goes through', () => {
  const importsIn = new Map(
    sources.map(({ file, imports, typesOnly }) => [file, imports.filter((it) => !typesOnly.includes(it))]),
  );
  const wrong: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, from: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const specifier of importsIn.get(file) ?? []) {
      if (/^(?:node:|@berth\/)/.test(specifier)) wrong.push(`${file} imports ${specifier}, reached from ${from}`);
      if (specifier.startsWith('.')) visit(path.join(path.dirname(file), specifier), from);
    }
  };
  for (const { file } of sources) if (isPage(file)) visit(file, file);
  assert.deepEqual(wrong, []);
});

test('only programs, apps, tools, tests and benchmarks read the environment of the process', () => {
  // Through node:process it would escape the linter, which knows process.env alone.
  // A library that stands by itself runs a program of its own: its variable is for tests that widen or kill its steps.
  const allowed =
    /^(?:(?:programs|apps)\/[^/]+\/env\.ts$|(?:tools|e2e|bench|examples)\/|packages\/replicate\/(?:replicator-process\.ts$|torture\/))/;
  const wrong = files.filter(
    (file) =>
      file.endsWith('.ts') &&
      !allowed.test(file) &&
      !isTest(file) &&
      !isPageBuild(file) &&
      /\bprocess\.env\b|\benv\b[^;]*from 'node:process'/.test(readText(file)),
  );
  assert.deepEqual(wrong, []);
});

test('re-exports are named one by one', () => {
  const wrong = files.filter((file) => file.endsWith('.ts') && /^export \*/m.test(readText(file)));
  assert.deepEqual(wrong, []);
});
