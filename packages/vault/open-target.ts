import { createDirectoryTarget, type Target } from '@berth/replicate';
import { targetCredentialsMissing } from './errors.ts';
import type { RetryLimits } from './retry.ts';
import type { S3Credentials } from './s3-connection.ts';
import { createS3Target } from './s3-target.ts';
import { parseTargetUrl, renderTargetUrl } from './target-place.ts';

export type TargetAccess = {
  readonly url: string;
  /** From variables or a secrets store: never part of the URL. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>);
  readonly retry?: Partial<RetryLimits>;
};

/** A target as its URL describes it. Asks nothing of it yet: `checkTarget` does. */
export const openTarget = async ({ url, credentials, retry }: TargetAccess): Promise<Target> => {
  const place = parseTargetUrl(url);
  if (place.kind === 'directory') return createDirectoryTarget(place.path);
  if (credentials === undefined) throw targetCredentialsMissing(renderTargetUrl(place));
  const { kind: _, ...where } = place;
  return createS3Target({ ...where, credentials, ...(retry === undefined ? {} : { retry }) });
};
