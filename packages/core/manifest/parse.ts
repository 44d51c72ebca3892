import { checkDraft, type Names } from './check.ts';
import { isMapping, strayHostKeys } from './check-routes.ts';
import { defaultService, fillManifest } from './fill.ts';
import { describeIssues } from './issues.ts';
import type { Manifest } from './model.ts';
import { placeFindings } from './place.ts';
import { type Finding, formatPath, type ManifestProblem, type Path } from './problem.ts';
import { type Draft, ManifestSchema } from './schema.ts';
import { findLocated, readSource } from './source.ts';

export type ManifestResult =
  | { readonly ok: true; readonly manifest: Manifest; readonly warnings: readonly ManifestProblem[] }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** A manifest from its text, or every mistake in it at once, in the order of the text. Never throws. */
export const parseManifest = (text: string, options: { file: string }): ManifestResult => {
  const { root, findings } = readSource(text);
  const place = (found: readonly Finding[]) => placeFindings(found, { text, file: options.file, root });
  if (root === null) return { ok: false, problems: place(findings) };

  const stray = strayHostKeys(isMapping(root.value) ? root.value.routes : undefined);
  const input = withoutPaths(
    root.value,
    stray.map(({ path }) => path),
  );
  const parsed = parseWhatCan(input);
  const names = namesIn(input);
  const checked = parsed.draft === null ? { mistakes: [], warnings: [] } : checkDraft(parsed.draft, names);
  // What YAML already made nothing of (an alias without an anchor, a foreign tag) needs no second opinion.
  const unread = new Set(findings.map(({ path }) => formatPath(path)));
  const refused = [...findings, ...stray, ...parsed.findings.filter(({ path }) => !unread.has(formatPath(path)))];
  const mistakes = [
    ...refused,
    ...checked.mistakes.filter((mistake) => !mistake.absence || !refused.some(({ path }) => isBelow(path, mistake.path))),
  ];
  if (mistakes.length > 0 || parsed.draft === null) return { ok: false, problems: place(mistakes) };

  const written = (path: readonly string[]) => {
    const located = findLocated(root, path);
    return located.exact ? located.at.written : null;
  };
  return { ok: true, manifest: fillManifest(parsed.draft, written), warnings: place(checked.warnings) };
};

/**
 * What the schema says of the whole, and a draft of those parts that it accepts, so that the checks of the whole can
 * speak too: a misspelt duration must not hide a route to nowhere.
 */
const parseWhatCan = (input: unknown): { findings: Finding[]; draft: Draft | null } => {
  const first = ManifestSchema.safeParse(input, { jitless: true, reportInput: true });
  if (first.success) return { findings: [], draft: first.data };
  const findings = describeIssues(first.error.issues, ManifestSchema);
  if (!isMapping(input)) return { findings, draft: null };

  let rest: unknown = input;
  let bad = findings.map(({ path }) => path);
  // Each round removes the parts found bad, or what holds them where they are missing; five levels lead to the top.
  for (let round = 0; round < 6; round++) {
    rest = withStandIns(withoutPaths(rest, bad));
    const again = ManifestSchema.safeParse(rest, { jitless: true, reportInput: true });
    if (again.success) return { findings, draft: again.data };
    const remaining = rest;
    bad = describeIssues(again.error.issues, ManifestSchema).map(({ path }) =>
      hasPath(remaining, path) ? path : path.slice(0, -1),
    );
  }
  return { findings, draft: null };
};

/** Keys that must be there, so that a service without a command is still checked for everything else. */
const withStandIns = (input: unknown): unknown => {
  if (!isMapping(input)) return input;
  const services = isMapping(input.services)
    ? Object.fromEntries(
        Object.entries(input.services).map(([name, part]) => [name, isMapping(part) ? { run: 'true', ...part } : part]),
      )
    : input.services;
  return { app: 'unnamed', ...input, ...(services !== undefined && { services }) };
};

const isBelow = (path: Path, above: Path): boolean => above.every((segment, index) => path[index] === segment);

const hasPath = (value: unknown, path: Path): boolean => {
  let at = value;
  for (const segment of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, segment)) return false;
    at = (at as Record<string | number, unknown>)[segment];
  }
  return true;
};

/** A copy without the values at these paths. A list ends before its first bad item: the items left keep their places. */
const withoutPaths = (value: unknown, paths: readonly Path[]): unknown => {
  if (paths.length === 0) return value;
  const under = new Map<string, Path[]>();
  for (const [head, ...rest] of paths) {
    if (head === undefined) continue;
    under.set(String(head), [...(under.get(String(head)) ?? []), rest]);
  }
  if (Array.isArray(value)) {
    const bad = value.findIndex((_, index) => endsAt(under.get(String(index))));
    return value.slice(0, bad === -1 ? undefined : bad).map((item, index) => withoutPaths(item, under.get(String(index)) ?? []));
  }
  if (!isMapping(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !endsAt(under.get(key)))
      .map(([key, item]) => [key, withoutPaths(item, under.get(key) ?? [])]),
  );
};

const endsAt = (rests: readonly Path[] | undefined): boolean => rests?.some((rest) => rest.length === 0) ?? false;

const namesIn = (input: unknown): Names => {
  const keys = (value: unknown): string[] => (isMapping(value) ? Object.keys(value) : []);
  const { services, stores, routes } = isMapping(input) ? input : {};
  const serviceNames = keys(services);
  const hasRoutes =
    routes === undefined
      ? defaultService(serviceNames) !== null
      : isMapping(routes) && Object.values(routes).some((part) => !isMapping(part) || !Object.hasOwn(part, 'redirect'));
  return { services: serviceNames, stores: keys(stores), hasRoutes };
};
