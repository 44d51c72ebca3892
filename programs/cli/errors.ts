import { BerthError, type ErrorBody } from '@berth/core';

export const usage = (message: string, hint: string): BerthError => new BerthError('CLI_USAGE', message, { hint });

export const cancelled = (message: string): BerthError =>
  new BerthError('CLI_CANCELLED', message, { hint: 'berth ps shows what runs now' });

export const directoryNotFound = (directory: string, cause: unknown): BerthError =>
  new BerthError('CLI_DIRECTORY_NOT_FOUND', `there is no directory ${directory}`, {
    hint: 'give the directory that holds berth.yaml, or run the command inside it',
    fields: { directory },
    cause,
  });

export const noManifest = (directory: string, suggestion: string, found: string | null): BerthError =>
  new BerthError('CLI_NO_MANIFEST', `${directory} has no berth.yaml`, {
    hint: found
      ? `rename ${found} to berth.yaml`
      : `write what Berth should run into ${directory}/berth.yaml, for a start:\n\n${suggestion.trimEnd().replace(/^/gm, '    ')}\n`,
    fields: { directory, suggestion },
  });

export const fileNotReadable = (path: string, cause: NodeJS.ErrnoException): BerthError =>
  new BerthError('CLI_FILE_UNREADABLE', `${path} cannot be read: ${cause.message}`, {
    hint: 'check the path and its permissions',
    fields: { path },
    cause,
  });

/** `missing`: what its target is called in the repository, where including it would help. */
export const linkLeavesSource = (path: string, target: string, missing?: string): BerthError =>
  new BerthError('SOURCE_LINK_OUTSIDE', `the symbolic link ${path} points to ${target}, outside of what is sent`, {
    hint: `the other side would not have that file: ${missing === undefined ? 'copy it into the app' : `add ${missing} to source.include`}, or name the link in .berthignore`,
    fields: { path, target },
  });

export const sourceRootInvalid = (directory: string, root: string): BerthError =>
  new BerthError('SOURCE_ROOT_INVALID', `source.root is ${root}, which leads from ${directory} to the top of the file system`, {
    hint: 'write the way up to the top of the repository',
    fields: { directory, root },
  });

export const includeMissing = (root: string, paths: readonly string[]): BerthError =>
  new BerthError('SOURCE_INCLUDE_MISSING', `source.include names ${paths.join(', ')}, which ${root} does not have`, {
    hint: 'names are relative to source.root, and are files or directories, not patterns',
    fields: { root, paths },
  });

export const includeIgnored = (root: string, paths: readonly string[]): BerthError =>
  new BerthError('SOURCE_INCLUDE_IGNORED', `${paths.join(', ')} of ${root} would not be sent: its ignore files name it`, {
    hint: `bring it back in ${root}/.berthignore: ${paths.map((path) => `!/${path}`).join(', ')}`,
    fields: { root, paths },
  });

export const sourceChanged = (path: string): BerthError =>
  new BerthError('SOURCE_CHANGED', `${path} changed while it was being read`, {
    hint: 'deploy again when nothing writes to it, or name it in .berthignore',
    fields: { path },
  });

export const platformNotStarted = (cause: ErrorBody, logFile: string): BerthError =>
  new BerthError(cause.code, cause.message, { hint: cause.hint, fields: { ...cause.fields, start: 'failed', log: logFile } });

export const daemonEnded = (how: string, logFile: string, lastLines: readonly string[]): BerthError =>
  new BerthError('PLATFORM_START_FAILED', [`the daemon ended (${how}) before it answered`, ...lastLines].join('\n'), {
    hint: `its log is ${logFile}`,
    fields: { log: logFile },
  });

export const daemonSilent = (seconds: number, logFile: string): BerthError =>
  new BerthError('PLATFORM_START_TIMEOUT', `the daemon runs, but did not answer within ${seconds} s`, {
    hint: `its log is ${logFile}; ask again with berth ps`,
    fields: { log: logFile },
  });

export const daemonStays = (pid: number, seconds: number): BerthError =>
  new BerthError('PLATFORM_STOP_TIMEOUT', `the daemon (process ${pid}) did not end within ${seconds} s`, {
    hint: 'see berthd.log for what it waits for; kill -9 of the daemon harms nothing that runs',
    fields: { pid },
  });

/** `what`: the doing, "removing shop". `command`: that does it without a question. */
export const needsConfirmation = (app: string, { what, command }: { what: string; command: string }): BerthError =>
  new BerthError('CLI_CONFIRMATION_NEEDED', `${what} needs a yes, and there is no terminal to ask on`, {
    hint: `if you mean it: ${command}`,
    fields: { app },
  });

export const noApp = (command: string, apps: readonly string[]): BerthError =>
  usage(
    'no app is named, and there is no berth.yaml here',
    apps.length === 0
      ? 'there are no apps yet: berth deploy DIR'
      : `name it: berth ${command} ${apps[0]} (there ${apps.length === 1 ? 'is' : 'are'} ${apps.join(', ')})`,
  );

export const momentInvalid = (message: string, suggestion: string): BerthError =>
  new BerthError('CLI_USAGE', `--at: ${message}`, { hint: suggestion });

export const storeUnknown = (
  app: string,
  store: string,
  { meant, known }: { meant: string | null; known: readonly string[] },
): BerthError =>
  new BerthError('CLI_STORE_NOT_FOUND', `${app} has no store called ${store}`, {
    hint: meant ?? (known.length === 0 ? 'it has no stores at all' : `it has ${known.join(', ')}`),
    fields: { app, store },
  });

export const storesMissing = (app: string): BerthError =>
  new BerthError('CLI_NO_STORES', `${app} has no stores that could be brought back`, {
    hint: 'name its data under `stores` in berth.yaml and deploy it',
    fields: { app },
  });

export const pointUnknown = (app: string, point: string, newest: string | null): BerthError =>
  new BerthError('CLI_POINT_NOT_FOUND', `${app} has no restore point ${point}`, {
    hint: `berth restore-points ${app} lists them${newest === null ? '' : `; the newest is ${newest}`}`,
    fields: { app, point },
  });

export const credentialsMissing = (url: string): BerthError =>
  new BerthError('CLI_CREDENTIALS_MISSING', `${url} needs an access key, and there is no terminal to ask on`, {
    hint: 'give --credentials-file FILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
    fields: { url },
  });

export const credentialsTemporary = (): BerthError =>
  new BerthError(
    'CLI_CREDENTIALS_TEMPORARY',
    'these keys are temporary (there is a session token), and backups would end with them',
    {
      hint: 'make an access key that stays, which may read, write, list and delete in this bucket only',
    },
  );

export const credentialsUnreadable = (path: string, profiles: readonly string[]): BerthError =>
  new BerthError('CLI_CREDENTIALS_UNREADABLE', `${path} holds no access key that can be read`, {
    hint:
      profiles.length > 0
        ? `it has the profiles ${profiles.join(', ')}, and none called default: put the one that is meant in a file of its own`
        : 'write two lines, the access key id and the secret access key, or [default] with aws_access_key_id and aws_secret_access_key',
    fields: { path },
  });

export const needsPassphrase = (): BerthError =>
  new BerthError('CLI_CONFIRMATION_NEEDED', 'a passphrase has to be typed, and there is no terminal to ask on', {
    hint: 'give it in a file: --passphrase-file FILE',
  });

export const fileExists = (path: string): BerthError =>
  new BerthError('CLI_FILE_EXISTS', `${path} is there already, and was left as it is`, {
    hint: 'choose another name, or repeat with --force to replace it',
    fields: { path },
  });

export const fileNotWritable = (path: string, cause: NodeJS.ErrnoException): BerthError =>
  new BerthError('CLI_FILE_UNWRITABLE', `${path} cannot be written: ${cause.message}`, {
    hint: 'check that its directory is there and may be written to',
    fields: { path },
    cause,
  });

export const noUrl = (app: string): BerthError =>
  new BerthError('CLI_NO_URL', `${app} has no routes, so that no URL leads to it`, {
    hint: 'add routes to its berth.yaml, or use the loopback address of a service: berth ps',
    fields: { app },
  });
