export { argvHeader, type CallInput, type Client, type ClientOptions, createClient } from './client.ts';
export {
  BY_HEADER,
  type Contract,
  contract,
  ErrorResponse,
  type RequestKind,
  type ResponseKind,
  type RouteBody,
  type RouteHeaders,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  type RouteResponse,
  type RouteRow,
} from './contract.ts';
export { platformNeverStarted, platformStopped, receivedError } from './errors.ts';
export { readLines, renderLine } from './ndjson.ts';
export { renderOpenApi } from './openapi.ts';
export {
  AppStatus,
  bakeStates,
  Certificate,
  ErrorBody,
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
