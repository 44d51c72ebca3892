import { isAbsolute } from 'node:path';
import { targetUrlHoldsSecret, targetUrlInvalid } from './errors.ts';

/** Where a target is; all that may be shown and stored in the clear. */
export type TargetPlace = DirectoryPlace | S3Place;

export type DirectoryPlace = { readonly kind: 'directory'; readonly path: string };

export type S3Place = {
  readonly kind: 's3';
  readonly bucket: string;
  /** What all names begin with, without slashes at its ends; empty for the whole bucket. */
  readonly prefix: string;
  /** Of AWS in the region, if nothing is said. */
  readonly endpoint?: string;
  readonly region: string;
  /** The bucket stands in the path, not in the name of the host. */
  readonly pathStyle: boolean;
  readonly conditionalWrites: ConditionalWrites;
};

/**
 * Whether the endpoint can be told to store only what is absent. `probe`: tried out once per process, and refused if not. `trust`:
 * known to do. `check-first`: asked whether the object is there before, which two writers at the same moment can get past.
 */
export type ConditionalWrites = 'probe' | 'trust' | 'check-first';

/** `dir:/path` or `s3://bucket/prefix?endpoint=…&region=…&path-style=true`. Credentials in it are refused. */
export const parseTargetUrl = (text: string): TargetPlace => {
  if (text.startsWith('dir:')) return parseDirectory(text);
  if (!/^s3:/i.test(text)) throw targetUrlInvalid(shown(text), 'it begins with neither dir: nor s3:');
  if (!URL.canParse(text)) throw targetUrlInvalid(shown(text), 'it is not a URL');
  return parseS3(text, new URL(text));
};

/** The shortest text that `parseTargetUrl` reads as this place. */
export const renderTargetUrl = (place: TargetPlace): string => {
  if (place.kind === 'directory') return `dir:${place.path}`;
  const query = new URLSearchParams();
  if (place.endpoint !== undefined) query.set('endpoint', place.endpoint);
  if (place.region !== DEFAULT_REGION) query.set('region', place.region);
  if (place.pathStyle !== (place.endpoint !== undefined)) query.set('path-style', String(place.pathStyle));
  if (place.conditionalWrites !== 'probe') query.set('conditional-writes', place.conditionalWrites);
  const path = place.prefix === '' ? '' : `/${place.prefix}`;
  return `s3://${place.bucket}${path}${query.size === 0 ? '' : `?${query.toString().replaceAll('%3A', ':').replaceAll('%2F', '/')}`}`;
};

const DEFAULT_REGION = 'us-east-1';
const PARAMETERS = ['endpoint', 'region', 'path-style', 'conditional-writes'];
/** What people write by habit from elsewhere. */
const SECRETS = /key|secret|token|password|credential|signature/i;

const parseDirectory = (text: string): DirectoryPlace => {
  const path = text.slice('dir:'.length).replace(/^\/\/(?=\/)/, '');
  if (!isAbsolute(path)) throw targetUrlInvalid(text, 'the path has to be absolute');
  return { kind: 'directory', path };
};

const parseS3 = (text: string, url: URL): S3Place => {
  const refuse = (why: string): never => {
    throw targetUrlInvalid(shown(text), why);
  };
  if (url.username !== '' || url.password !== '') throw targetUrlHoldsSecret(shown(text));
  for (const name of url.searchParams.keys()) {
    if (SECRETS.test(name)) throw targetUrlHoldsSecret(shown(text));
    if (!PARAMETERS.includes(name)) refuse(`${name} is none of ${PARAMETERS.join(', ')}`);
    if (url.searchParams.getAll(name).length > 1) refuse(`${name} is there twice`);
  }
  const bucket = url.hostname;
  if (url.port !== '' || !/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
    refuse('a bucket has 3 to 63 lower-case letters, digits, "-" and "."');
  const prefix = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
  if (prefix !== '' && !isObjectName(prefix)) refuse('a prefix has words of letters, digits, ".", "_" and "-", joined by "/"');
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  return {
    kind: 's3',
    bucket,
    prefix,
    ...(endpoint === undefined ? {} : { endpoint: parseEndpoint(text, endpoint) }),
    region: url.searchParams.get('region') ?? DEFAULT_REGION,
    // Own endpoints seldom have a name for each bucket.
    pathStyle: parseChoice(url.searchParams.get('path-style'), ['true', 'false'], refuse, 'path-style') ?? endpoint !== undefined,
    conditionalWrites: parseConditions(url.searchParams.get('conditional-writes'), refuse),
  };
};

/** Names of objects are what every target can hold. */
export const isObjectName = (name: string): boolean =>
  name.length <= 512 && name.split('/').every((word) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(word));

const parseEndpoint = (text: string, endpoint: string): string => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw targetUrlInvalid(shown(text), 'the endpoint has to begin with https:// or http://');
  if (url.username !== '' || url.password !== '') throw targetUrlHoldsSecret(shown(text));
  if (url.search !== '' || url.hash !== '' || url.pathname !== '/')
    throw targetUrlInvalid(shown(text), 'the endpoint is a host and a port, nothing behind them');
  return url.origin;
};

type Refuse = (why: string) => never;

const parseChoice = (
  given: string | null,
  choices: readonly ['true', 'false'],
  refuse: Refuse,
  name: string,
): boolean | undefined => {
  if (given === null) return undefined;
  if (given !== choices[0] && given !== choices[1]) return refuse(`${name} is ${choices.join(' or ')}`);
  return given === 'true';
};

const parseConditions = (given: string | null, refuse: Refuse): ConditionalWrites => {
  if (given === null) return 'probe';
  if (given === 'probe' || given === 'trust' || given === 'check-first') return given;
  return refuse('conditional-writes is probe, trust or check-first');
};

/** The text without what could be a secret in it. */
const shown = (text: string): string =>
  text
    .replaceAll(/\/\/[^/?@]*@/g, '//…@')
    .replaceAll(/%2F%2F[^/?&]*?%40/gi, '//…@')
    .replaceAll(/([?&][^=&]*(?:key|secret|token|password|credential|signature)[^=&]*=)[^&]*/gi, '$1…');
