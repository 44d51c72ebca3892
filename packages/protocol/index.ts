export { argvHeader, type CallInput, type Client, type ClientOptions, createClient } from './client.ts';
export {
  BY_HEADER,
  type Contract,
  contract,
  ErrorResponse,
  type RouteBody,
  type RouteHeaders,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
} from './contract.ts';
export { ErrorBody } from './error-body.ts';
export { platformNeverStarted, platformStopped, receivedError } from './errors.ts';
export { Finding } from './findings.ts';
export { readLines, renderLine } from './ndjson.ts';
export { renderOpenApi } from './openapi.ts';
export {
  Drill,
  DrillOutcome,
  LOCAL_TARGET,
  RestorePoint,
  restorePointKinds,
  RestoreRange,
  StoreAtTarget,
  storeKinds,
  StoreStatus,
  storeStates,
  TargetCheck,
  TargetStatus,
  targetStates,
  TimeLine,
  WrittenKit,
} from './protection.ts';
export type { RequestKind, ResponseKind, RouteRow } from './routes/route.ts';
export {
  AcmeSettings,
  AppStatus,
  bakeStates,
  Certificate,
  CertificateCheck,
  Event,
  Instance,
  instanceStates,
  LogLine,
  Operation,
  type OperationKind,
  operationKinds,
  PlatformSettings,
  PlatformStatus,
  Receipt,
  Release,
  RequestCounts,
  RunFrame,
  SecretEntry,
  ServiceStatus,
  Step,
  Variable,
} from './resources.ts';
