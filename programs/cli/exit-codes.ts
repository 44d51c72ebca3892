/** What the exit code of `berth` says, for scripts; `berth run` ends with the code of its command instead. */
import type { ErrorBody } from '@berth/core';

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  manifest: 3,
  notFound: 4,
  platform: 5,
  busy: 6,
  cancelled: 130,
} as const;

/** For docs/cli.md. */
export const exitCodeMeanings: readonly (readonly [number, string])[] = [
  [EXIT.ok, 'done; after `deploy` and `rollback`: the release serves; after `drill`: the backup holds'],
  [EXIT.failed, 'the operation failed, or something went wrong that has no code of its own; what served before still serves'],
  [EXIT.usage, 'the command line is wrong'],
  [EXIT.manifest, 'the manifest is wrong, or there is none'],
  [EXIT.notFound, 'there is no such app, release, receipt, operation, certificate, store, target or restore point'],
  [EXIT.platform, 'the platform is not running, could not start or cannot be reached'],
  [EXIT.busy, 'something else is under way that excludes this'],
  [EXIT.cancelled, 'cancelled with Ctrl-C'],
];

export const exitCodeOf = ({ code, fields }: Pick<ErrorBody, 'code' | 'fields'>): number => {
  if (code === 'CLI_USAGE') return EXIT.usage;
  if (code.startsWith('MANIFEST_') || code === 'CLI_NO_MANIFEST') return EXIT.manifest;
  if (code === 'OPERATION_CANCELLED' || code === 'CLI_CANCELLED') return EXIT.cancelled;
  if (/^(PLATFORM|HOME|API_SOCKET|SSH)_/.test(code) || fields.start === 'failed') return EXIT.platform;
  if (code.endsWith('_NOT_FOUND')) return EXIT.notFound;
  if (code.endsWith('_CONFLICT') || code.endsWith('_BUSY')) return EXIT.busy;
  return EXIT.failed;
};
