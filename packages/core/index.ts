export { asBerthError, BerthError, type ErrorBody, manifestInvalid } from './errors.ts';
export { DEFAULT_BACKUP_POLICY } from './manifest/backup-policy.ts';
export type {
  BackupPolicy,
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
  SourcePart,
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
export { type Commit, formatCommit } from './commit.ts';
export { compareManifests } from './compare-manifests.ts';
export { backoffDelayMs, type Death, failuresInARow, isCrashLoop, RECOVERED_AFTER_MS } from './restart-policy.ts';
export { BAKE_REQUESTS, type BakeVerdict, judgeBake, type Traffic } from './bake.ts';
export { type Kept, keepingOf, listedPoints, NEWEST_POINTS } from './keeping.ts';
export { formatMoment, type Reader } from './moment/format-moment.ts';
export { type MomentResult, parseMoment } from './moment/parse-moment.ts';
export {
  judgeLag,
  type LagLimit,
  type LagTarget,
  lagLimitMs,
  nextDrillAt,
  nextScheduledPointAt,
  nextUpkeepAt,
  type Recurring,
} from './schedule.ts';
export { exampleManifest } from './manifest/example.ts';
export { type JsonSchema, manifestJsonSchema } from './manifest/json-schema.ts';
export { renderManifestReference } from './manifest/reference.ts';
export { isOtherValue, otherValueOf } from './secret-names.ts';
