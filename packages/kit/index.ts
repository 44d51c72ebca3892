export {
  type Configuration,
  ConfigurationError,
  type ConfigurationMistake,
  type ConfigurationWarning,
  type Environment,
  parseConfiguration,
  type Values,
  type Variables,
} from './configuration.ts';
export { choice, flag, integer, list, number, secret, text, url, type Variable } from './variables.ts';
export {
  describeConfiguration,
  renderConfigurationTable,
  renderExampleFile,
  type VariableRow,
} from './configuration-documents.ts';
export {
  createLog,
  defaultFormat,
  type Log,
  type LogFields,
  type LogFormat,
  type LogLevel,
  type LogOptions,
  silentLog,
} from './log.ts';
export { createLogDestination, type LogDestination, type LogDestinationOptions } from './log-destination.ts';
export { type Counter, createMetrics, type Gauge, type Histogram, type Labelled, type Metrics } from './metrics.ts';
export { observeEventLoop, type ProcessGauges, processGauges } from './process-metrics.ts';
export { readMemoryLimit } from './memory-limit.ts';
export { type CheckResult, createHealth, type Health, type HealthCheck, type Readiness } from './health.ts';
export { createShutdown, type Shutdown, type ShutdownOptions, type ShutdownStep } from './shutdown.ts';
export { type Clock, systemClock } from './clock.ts';
export { type SecurityHeaderOptions, securityHeaders } from './security-headers.ts';
export { errorBody, type ErrorBody, type ErrorFacts, type ErrorPage, prefersHtml, renderErrorPage } from './error-pages.ts';
export { addressKey, clientAddress, eachTrustedProxy, parseTrustedProxies, type TrustedProxies } from './client-address.ts';
export { eachOrigin, isAllowedOrigin, type OriginQuestion } from './same-origin.ts';
export { type BuildInformation, readBuildInformation } from './build-information.ts';
export {
  type AttemptLimiter,
  type AttemptLimiterOptions,
  createAttemptLimiter,
  createTokenBucket,
  type TokenBucket,
  type TokenBucketOptions,
} from './rate.ts';
export { createRequestId } from './request-id.ts';
export { productionPlugin, type ProductionOptions } from './fastify.ts';
