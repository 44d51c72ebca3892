import { hkdfSync } from 'node:crypto';
import { parseTargetUrl, type VaultAccess } from '@berth/vault';

/** How restic reaches the trees of one target. */
export type TreePlace = {
  /** For `-r`, and the name of this repository in this process; no secret. */
  readonly repository: string;
  readonly options: readonly string[];
  /** Secret: the password and the credentials. */
  readonly env: Readonly<Record<string, string>>;
};

/** All trees of a target are one repository below this name. */
export const TREE_PREFIX = 'tree';

export const treePlace = (access: VaultAccess): TreePlace => {
  const place = parseTargetUrl(access.url);
  const password = { RESTIC_PASSWORD: treePassword(access.dataKey) };
  if (place.kind === 'directory') return { repository: `${place.path}/${TREE_PREFIX}`, options: [], env: password };
  const { endpoint = `https://s3.${place.region}.amazonaws.com`, credentials } = { ...place, ...access };
  return {
    repository: `s3:${endpoint}/${[place.bucket, place.prefix, TREE_PREFIX].filter((word) => word !== '').join('/')}`,
    // restic has its own way to try again, and says so; below it the S3 client would do so in silence for a minute.
    options: ['-o', `s3.bucket-lookup=${place.pathStyle ? 'path' : 'dns'}`, '-o', 's3.retries=2'],
    env: {
      ...password,
      AWS_DEFAULT_REGION: place.region,
      ...(credentials === undefined
        ? {}
        : { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey }),
      ...(credentials?.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    },
  };
};

/** Another key than that of the objects beside: what one tool does with its key cannot weaken the other. */
const treePassword = (dataKey: Uint8Array): string =>
  Buffer.from(hkdfSync('sha256', dataKey, '', 'berth tree repository', 32)).toString('hex');
