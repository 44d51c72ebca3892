/** Real: forty megabytes pass through each target, and through one that fails often. */
import { createDirectoryTarget, type Target } from '@berth/replicate';
import {
  createS3Server,
  createRandom,
  S3_TEST_CREDENTIALS,
  type S3Fault,
  type S3ServerOptions,
  temporaryDirectory,
} from '@berth/testing';
import { describeTarget, type OpenedTarget } from './conformance.ts';
import { createS3Target, type S3TargetOptions } from './index.ts';

const BUCKET = 'vault';

const openDirectory = async (): Promise<OpenedTarget> => {
  const directory = await temporaryDirectory();
  const again = (): Target => createDirectoryTarget(directory.join('target'));
  return { target: again(), again, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
};

const openS3 =
  (server: S3ServerOptions = {}, options: Partial<S3TargetOptions> = {}) =>
  async (): Promise<OpenedTarget> => {
    const directory = await temporaryDirectory();
    const s3 = await createS3Server({ buckets: [BUCKET], directory: directory.path, ...server });
    const again = (): Target =>
      createS3Target({
        bucket: BUCKET,
        prefix: 'machine/one',
        endpoint: s3.endpoint,
        credentials: S3_TEST_CREDENTIALS,
        retry: { firstDelayMs: 5, longestDelayMs: 50, attemptMs: 5_000 },
        ...options,
      });
    return {
      target: again(),
      again,
      async [Symbol.asyncDispose]() {
        await s3[Symbol.asyncDispose]();
        await directory[Symbol.asyncDispose]();
      },
    };
  };

/** Every third request or so fails in some way that a patient client gets over. */
const oftenFailing = (seed: number): (() => S3Fault | undefined) => {
  const random = createRandom(seed);
  const faults: readonly S3Fault[] = [
    { kind: 'status', status: 503 },
    { kind: 'status', status: 500 },
    { kind: 'reset', afterBytes: 100_000 },
    { kind: 'reset' },
    { kind: 'lose-response' },
    { kind: 'truncate', bytes: 50_000 },
    { kind: 'error-body' },
    { kind: 'skew', ms: 3_600_000 },
  ];
  return () => (random.boolean(0.3) ? random.pick(faults) : undefined);
};

describeTarget('directory', openDirectory);
describeTarget('s3', openS3());
describeTarget(
  's3, whose endpoint pages by three and knows no chunks',
  openS3({ dialect: { pageKeys: 3, refusesChunks: true } }),
);
describeTarget('s3, whose endpoint often fails', openS3({ fault: oftenFailing(7) }));
