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

export const needsConfirmation = (app: string): BerthError =>
  new BerthError('CLI_CONFIRMATION_NEEDED', `removing ${app} needs a yes, and there is no terminal to ask on`, {
    hint: `if you mean it: berth rm ${app} --yes`,
    fields: { app },
  });

export const noUrl = (app: string): BerthError =>
  new BerthError('CLI_NO_URL', `${app} has no routes, so that no URL leads to it`, {
    hint: 'add routes to its berth.yaml, or use the loopback address of a service: berth ps',
    fields: { app },
  });
