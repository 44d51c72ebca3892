export { type AcmeClient, type AcmeOptions, createAcmeClient, directoryUrlOf } from './acme/client.ts';
export type { RenewalInfo } from './acme/renewal-info.ts';
export { type EdgeLimits, defaultLimits } from './limits.ts';
export { type EdgeOptions, openEdge } from './open-edge.ts';
export type {
  ApplyResult,
  Edge,
  EdgeCertificate,
  EdgeCertificates,
  EdgeCheck,
  EdgeHost,
  EdgeRoute,
  EdgeServer,
  EdgeService,
  EdgeState,
  HoldState,
  LatencySample,
  Listeners,
  ServiceCounters,
} from './state.ts';
