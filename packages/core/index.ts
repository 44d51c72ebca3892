export { asBerthError, BerthError, type ErrorBody, manifestInvalid } from './errors.ts';
export type {
  FilesCache,
  FilesRoot,
  Health,
  HostRoutes,
  Limits,
  Manifest,
  RateLimit,
  ReleaseCommand,
  ResponseHeaders,
  Route,
  RouteTarget,
  SecretUse,
  Service,
  StopSignal,
  Store,
  SwitchKind,
} from './manifest/model.ts';
export { isReservedVariable, resolveHost, storeVariable } from './manifest/names.ts';
export { type ManifestResult, parseManifest } from './manifest/parse.ts';
export { formatProblem, type ManifestProblem, renderProblems } from './manifest/problem.ts';
export { formatDuration, formatSize, parseDuration, parseRate, parseSize } from './manifest/quantities.ts';
export { MANIFEST_LIMIT_BYTES } from './manifest/source.ts';
export { didYouMean, nearest } from './manifest/suggestion.ts';
export { resolveTemplate, type TemplateContext } from './manifest/template.ts';
