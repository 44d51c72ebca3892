/** Finds the route of a request in the contract. */
import { contract, type RouteName, type RouteRow } from '@berth/protocol';
import { methodNotAllowed, routeNotFound } from './errors.ts';

export type Match = { readonly name: RouteName; readonly row: RouteRow; readonly params: Readonly<Record<string, string>> };

type Entry = { readonly name: RouteName; readonly row: RouteRow; readonly segments: readonly string[] };

const ENTRIES: readonly Entry[] = (Object.entries(contract) as [RouteName, RouteRow][]).map(([name, row]) => ({
  name,
  row,
  segments: row.path.slice(1).split('/'),
}));

/** Throws API_ROUTE_NOT_FOUND, or API_METHOD_NOT_ALLOWED when the path exists. */
export const matchRoute = (method: string, path: string): Match => {
  const segments = path.slice(1).split('/');
  const allowed: string[] = [];
  for (const { name, row, segments: pattern } of ENTRIES) {
    const params = matchSegments(pattern, segments);
    if (!params) continue;
    if (row.method === method) return { name, row, params };
    allowed.push(row.method);
  }
  if (allowed.length > 0) throw methodNotAllowed(method, path, allowed);
  throw routeNotFound(method, path, nearestRoute(method, segments));
};

const matchSegments = (pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined => {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith(':')) {
      const value = decoded(segment);
      if (value === undefined || value === '') return undefined;
      params[part.slice(1)] = value;
    } else if (part !== segment) return undefined;
  }
  return params;
};

const decoded = (segment: string): string | undefined => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // a malformed escape names nothing
  }
};

/** The route that shares most segments with what was asked for; the method breaks a tie. */
const nearestRoute = (method: string, segments: readonly string[]): string => {
  const score = (entry: Entry): number => {
    const shared = entry.segments.filter((part, index) => sameSegment(part, segments[index])).length;
    return shared * 4 - Math.abs(entry.segments.length - segments.length) * 2 + (entry.row.method === method ? 1 : 0);
  };
  const best = ENTRIES.reduce((a, b) => (score(b) > score(a) ? b : a));
  return `${best.row.method} ${best.row.path}`;
};

/** Also a forgotten plural or a slip at the end: the first letters decide. */
const sameSegment = (part: string, segment: string | undefined): boolean =>
  segment !== undefined &&
  segment !== '' &&
  (part.startsWith(':') || part === segment || part.slice(0, 4) === segment.slice(0, 4));
