import { BerthError } from '@berth/core';

/** The app has no operation with a receipt yet, or not that one. */
export const receiptNotFound = (app: string, operation?: number) =>
  new BerthError(
    'RECEIPT_NOT_FOUND',
    operation === undefined ? `${app} has no receipt yet` : `${app} has no receipt ${operation}`,
    {
      hint: `list the operations of ${app} with: berth receipt ${app}`,
      fields: { app, operation },
    },
  );

/** Asked of an app that has never been deployed. */
export const appNotDeployed = (app: string) =>
  new BerthError('APP_NOT_DEPLOYED', `${app} has not been deployed yet`, {
    hint: 'deploy it with: berth deploy DIR',
    fields: { app },
  });

/** Asked of an app that is stopped. */
export const appStopped = (app: string) =>
  new BerthError('APP_STOPPED', `${app} is stopped`, { hint: `start it with: berth start ${app}`, fields: { app } });

/** The service does not exist in the release that serves. */
export const serviceNotFound = (app: string, service: string, known: readonly string[]) =>
  new BerthError('SERVICE_NOT_FOUND', `${app} has no service called ${service}`, {
    hint: known.length === 0 ? `${app} has no services` : `its services: ${known.join(', ')}`,
    fields: { app, service, known },
  });

/** A handover service may only run once. */
export const cannotScale = (app: string, service: string, reason: string) =>
  new BerthError('SCALE_INVALID', `${app}/${service} cannot be scaled: ${reason}`, {
    hint: 'set `switch: rolling` in berth.yaml if several instances of it may run at once',
    fields: { app, service },
  });

/** There is nothing older to go back to. */
export const nothingToRollBackTo = (app: string) =>
  new BerthError('ROLLBACK_NOT_FOUND', `${app} has no earlier release to go back to`, {
    hint: `see what is kept with: berth releases ${app}`,
    fields: { app },
  });

/** The release never served, or its build is no longer kept. */
export const releaseNotUsable = (app: string, release: number, state: string) =>
  new BerthError('RELEASE_NOT_USABLE_CONFLICT', `release ${release} of ${app} cannot serve: it is ${state}`, {
    hint: `choose one that is kept: berth releases ${app}`,
    fields: { app, release, state },
  });

/** The source archive is damaged, unsafe or has no manifest. */
export const sourceInvalid = (reason: string, cause?: unknown) =>
  new BerthError('SOURCE_INVALID', `the source archive cannot be used: ${reason}`, {
    hint: 'send it with `berth deploy DIR`, from a directory that holds a berth.yaml',
    cause,
  });

/** The disk is too full to build safely. */
export const diskFloor = (directory: string, freeBytes: number, floorBytes: number) =>
  new BerthError(
    'DISK_FLOOR',
    `only ${megabytes(freeBytes)} MB are free on the disk of ${directory}, a build needs ${megabytes(floorBytes)} MB`,
    {
      hint: 'free some space and deploy again; what runs is untouched',
      fields: { directory, freeBytes, floorBytes },
    },
  );

/** The user's build command failed. */
export const buildFailed = (app: string, reason: string, lastLines: readonly string[], logFile: string) =>
  new BerthError('BUILD_FAILED', `the build of ${app} ${reason}${quoted(lastLines)}`, {
    hint: `nothing was changed; the whole output is in ${logFile}`,
    fields: { app, reason, lastLines, logFile },
  });

/** The user's release command failed. */
export const releaseCommandFailed = (app: string, reason: string, lastLines: readonly string[], logFile: string) =>
  new BerthError('RELEASE_COMMAND_FAILED', `the release command of ${app} ${reason}${quoted(lastLines)}`, {
    hint: `the old release serves; the whole output is in ${logFile}`,
    fields: { app, reason, lastLines, logFile },
  });

/** A new instance did not become healthy. */
export const instanceNotHealthy = (what: {
  app: string;
  service: string;
  instance: string;
  reason: string;
  lastLines: readonly string[];
}) =>
  new BerthError(
    'INSTANCE_NOT_HEALTHY',
    `${what.app}/${what.service} did not become healthy: ${what.reason}${quoted(what.lastLines)}`,
    {
      hint: `mend it and deploy again; its whole output: berth logs ${what.app} --instance ${what.instance}`,
      fields: { ...what },
    },
  );

/** Another app answers that host name already. */
export const hostTaken = (host: string, owner: string) =>
  new BerthError('HOST_CONFLICT', `the host name ${host} belongs to the app ${owner}`, {
    hint: `choose another host in routes, or remove ${owner}`,
    fields: { host, owner },
  });

/** The stable port that a service asks for is in use. */
export const listenTaken = (service: string, port: number, owner: string) =>
  new BerthError('LISTEN_CONFLICT', `port ${port}, which ${service} asks for as its \`listen\`, is used by ${owner}`, {
    hint: 'choose another port, or leave `listen` out and let Berth pick one',
    fields: { service, port, owner },
  });

/** A secret that the manifest asks for has not been set. */
export const secretsMissing = (app: string, names: readonly string[]) =>
  new BerthError('SECRET_MISSING', `${app} needs secrets that are not set: ${names.join(', ')}`, {
    hint: `set each with: berth secret ${app} set NAME   (or let Berth make it: berth secret ${app} generate ${names.join(' ')})`,
    fields: { app, names },
  });

/** The files route points at nothing. */
export const filesMissing = (path: string, directory: string) =>
  new BerthError('FILES_MISSING', `the route ${path} serves the directory ${directory}, which the built release does not have`, {
    hint: 'check the build command and the `files:` of that route',
    fields: { path, directory },
  });

/** The files route leads out of the release, by a link that the build made. */
export const filesOutside = (path: string, directory: string) =>
  new BerthError('FILES_OUTSIDE', `the route ${path} serves the directory ${directory}, which is a link out of the release`, {
    hint: 'let the build copy what is to be served, or serve it from a store',
    fields: { path, directory },
  });

/** The operation was cancelled; what it had begun was undone. */
export const operationCancelled = (by: string) =>
  new BerthError('OPERATION_CANCELLED', `cancelled by ${by}`, { hint: 'nothing was changed', fields: {} });

/** Too late: the new release serves already. */
export const cannotCancel = (id: number, state: string) =>
  new BerthError('OPERATION_CONFLICT', `operation ${id} cannot be cancelled any more: it is ${state}`, {
    hint: 'roll back instead',
    fields: { id, state },
  });

/** A variable or secret with a name that cannot be one, or that Berth sets itself. */
export const variableInvalid = (name: string, reason: string) =>
  new BerthError('VARIABLE_INVALID', `the variable name ${name} cannot be used: ${reason}`, {
    hint: 'names are letters, digits and underscores, beginning with a letter; PORT, HOST, PATH, BERTH_… and STORE_… belong to Berth',
    fields: { name },
  });

/** A secret is rotated that the app does not have. */
export const secretUnknown = (app: string, name: string) =>
  new BerthError('SECRET_UNKNOWN', `${app} has no secret ${name}`, {
    hint: `see its secrets: berth secret ${app}; a new one is given with set or generate`,
    fields: { app, name },
  });

/** The rotation of a secret is ended, or goes on, that has one value only. */
export const secretNotRotating = (app: string, name: string) =>
  new BerthError('SECRET_NOT_ROTATING', `${name} of ${app} has one value only: no rotation of it goes on`, {
    hint: `begin one: berth secret ${app} rotate ${name}`,
    fields: { app, name },
  });

/** The pattern given to `logs --grep` is not a regular expression. */
export const patternInvalid = (pattern: string, reason: string) =>
  new BerthError('LOG_QUERY_INVALID', `${pattern} is not a regular expression: ${reason}`, {
    hint: 'see the JavaScript syntax of regular expressions',
    fields: { pattern },
  });

/** A platform setting that cannot be used. */
export const settingInvalid = (name: string, value: string, reason: string) =>
  new BerthError('SETTING_INVALID', `${name} cannot be ${value}: ${reason}`, {
    hint: 'see: berth up --help',
    fields: { name, value },
  });

const megabytes = (bytes: number) => Math.floor(bytes / 1_000_000);
const quoted = (lines: readonly string[]) => (lines.length === 0 ? '' : `\n${lines.map((line) => `    ${line}`).join('\n')}`);
