export { asBerthError, BerthError, type ErrorBody } from './errors.ts';
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
