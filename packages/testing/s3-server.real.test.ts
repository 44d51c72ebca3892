/** The judges of the S3 server: clients that others wrote. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createS3Server, S3_TEST_CREDENTIALS, type S3Server, temporaryDirectory } from './index.ts';

const BUCKET = 'judged';
const PART_BYTES = 5 * 1024 * 1024;

const run = promisify(execFile);

/** Runs a program that has to be there; its standard output. */
const runJudge = async (argv: readonly [string, ...string[]], env: Record<string, string> = {}): Promise<string> => {
  const [command, ...rest] = argv;
  try {
    const path = process.env.PATH ?? '';
    return (await run(command, rest, { env: { PATH: path, HOME: '/nonexistent', ...env }, maxBuffer: 1 << 24 })).stdout;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new Error(`${command} is not installed: apt-get install ${command}`, { cause: error });
    throw error;
  }
};

describe('the AWS SDK', () => {
  const withClient = async (body: (client: S3Client, server: S3Server) => Promise<void>): Promise<void> => {
    await using server = await createS3Server({ buckets: [BUCKET] });
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: S3_TEST_CREDENTIALS,
      forcePathStyle: true,
      maxAttempts: 1,
    });
    try {
      await body(client, server);
    } finally {
      client.destroy();
    }
  };
  const readAll = async (client: S3Client, key: string): Promise<string> => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    return (await Body?.transformToString()) ?? '';
  };

  for (const algorithm of ['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'CRC64NVME'] as const)
    test(`stores a stream in chunks with a trailer (${algorithm}), and reads it verified`, () =>
      withClient(async (client) => {
        const chunks = Array.from({ length: 7 }, (_, i) => Buffer.alloc(40_000 + i, `${i}`));
        const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
        await client.send(
          new PutObjectCommand({
            Bucket: BUCKET,
            Key: 'streamed',
            Body: Readable.from(chunks),
            ContentLength: length,
            ChecksumAlgorithm: algorithm,
          }),
        );
        assert.equal(await readAll(client, 'streamed'), Buffer.concat(chunks).toString());
        const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'streamed' }));
        assert.equal(head.ContentLength, length);
        assert.equal(head.ContentEncoding, undefined);
      }));

  test('names anything, keeps what it says of an object, and copies it', () =>
    withClient(async (client, server) => {
      const Key = "odd/ä ö+&=%2F'()*!~?#;:@,$/\u{1f600}.txt";
      await client.send(
        new PutObjectCommand({ Bucket: BUCKET, Key, Body: 'x', ContentType: 'text/plain', Metadata: { note: 'kept' } }),
      );
      const source = `${BUCKET}/${encodeURIComponent(Key)}`;
      await client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'copy', CopySource: source }));
      const head = await client.send(new HeadObjectCommand({ Bucket: BUCKET, Key: 'copy' }));
      assert.deepEqual([head.ContentType, head.Metadata], ['text/plain', { note: 'kept' }]);
      assert.equal(await readAll(client, Key), 'x');
      assert.deepEqual(server.keys(BUCKET), ['copy', Key]);
    }));

  test('uploads in parts, lists them, completes and aborts', () =>
    withClient(async (client, server) => {
      const at = { Bucket: BUCKET, Key: 'large' };
      const { UploadId } = await client.send(new CreateMultipartUploadCommand(at));
      const bodies = [randomBytes(PART_BYTES), randomBytes(1000)];
      const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
      for (const [index, Body] of bodies.entries()) {
        const part = { ...at, UploadId, PartNumber: index + 1 };
        Parts.push({ PartNumber: index + 1, ETag: (await client.send(new UploadPartCommand({ ...part, Body }))).ETag });
      }
      const listed = await client.send(new ListPartsCommand({ ...at, UploadId }));
      assert.deepEqual(
        listed.Parts?.map(({ Size }) => Size),
        bodies.map(({ length }) => length),
      );
      const { ETag } = await client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
      const md5 = (bytes: Buffer): Buffer => createHash('md5').update(bytes).digest();
      assert.equal(ETag, `"${md5(Buffer.concat(bodies.map(md5))).toString('hex')}-2"`);
      const across = await client.send(new GetObjectCommand({ ...at, Range: `bytes=${PART_BYTES - 10}-${PART_BYTES + 9}` }));
      assert.deepEqual(
        Buffer.from((await across.Body?.transformToByteArray()) ?? []),
        Buffer.concat(bodies).subarray(PART_BYTES - 10, PART_BYTES + 10),
      );
      const second = await client.send(new CreateMultipartUploadCommand(at));
      assert.equal(server.uploads(BUCKET), 1);
      await client.send(new AbortMultipartUploadCommand({ ...at, UploadId: second.UploadId }));
      assert.equal(server.uploads(BUCKET), 0);
    }));

  test('pages through a thousand and more, and deletes them in batches', () =>
    withClient(async (client, server) => {
      await Promise.all(
        Array.from({ length: 1100 }, (_, i) => client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `k/${i}`, Body: 'x' }))),
      );
      const keys: { Key: string }[] = [];
      for (let token: string | undefined, first = true; first || token !== undefined; first = false) {
        const page = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'k/', ContinuationToken: token }));
        keys.push(...(page.Contents ?? []).map(({ Key = '' }) => ({ Key })));
        token = page.NextContinuationToken;
      }
      assert.equal(keys.length, 1100);
      for (const Objects of [keys.slice(0, 1000), keys.slice(1000)])
        await client.send(new DeleteObjectsCommand({ Bucket: BUCKET, Delete: { Objects } }));
      assert.deepEqual(server.keys(BUCKET), []);
    }));

  test('names its errors as those of S3', () =>
    withClient(async (client, server) => {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: '1' }));
      const refused: [Promise<unknown>, string][] = [
        [client.send(new GetObjectCommand({ Bucket: BUCKET, Key: 'none' })), 'NoSuchKey'],
        [client.send(new GetObjectCommand({ Bucket: 'none', Key: 'none' })), 'NoSuchBucket'],
        [client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: '2', IfNoneMatch: '*' })), 'PreconditionFailed'],
        [client.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'a', Body: '2', IfMatch: '"x"' })), 'PreconditionFailed'],
      ];
      for (const [sent, name] of refused) await assert.rejects(sent, { name });
      server.faults.add({ fault: { kind: 'error-body' } });
      const copy = client.send(new CopyObjectCommand({ Bucket: BUCKET, Key: 'b', CopySource: `${BUCKET}/a` }));
      await assert.rejects(copy, { name: 'InternalError' });
    }));
});

test('s3cmd makes a bucket, puts, lists, copies, gets and deletes, also in parts and by virtual host', async () => {
  await using directory = await temporaryDirectory();
  await using server = await createS3Server({ domain: 's3.test', directory: directory.join('s3') });
  const config = (hostBucket: string, more: readonly string[] = []): string =>
    [
      '[default]',
      `access_key = ${S3_TEST_CREDENTIALS.accessKeyId}`,
      `secret_key = ${S3_TEST_CREDENTIALS.secretAccessKey}`,
      'use_https = False',
      ...more,
      `host_bucket = ${hostBucket}`,
    ].join('\n');
  const byPath = directory.join('path.cfg');
  const byHost = directory.join('host.cfg');
  const here = `127.0.0.1:${server.port}`;
  await writeFile(byPath, config(here, [`host_base = ${here}`, 'multipart_chunk_size_mb = 5']));
  await writeFile(
    byHost,
    config('%(bucket)s.s3.test', ['host_base = s3.test', 'proxy_host = 127.0.0.1', `proxy_port = ${server.port}`]),
  );
  const small = directory.join('small ü.txt');
  const large = directory.join('large.bin');
  await writeFile(small, 'small');
  await writeFile(large, randomBytes(11 * 1024 * 1024));

  const asPath = (...words: string[]): Promise<string> => runJudge(['s3cmd', '-c', byPath, ...words]);
  await asPath('mb', `s3://${BUCKET}`);
  for (const file of [small, large]) await asPath('put', file, `s3://${BUCKET}/in/`);
  assert.equal(server.tally.count('UploadPart'), 3);
  assert.match(await asPath('ls', `s3://${BUCKET}`), /DIR\s+s3:\/\/judged\/in\//);
  assert.match(await asPath('ls', '-r', `s3://${BUCKET}`), /5\s+s3:\/\/judged\/in\/small ü\.txt/);
  await asPath('cp', `s3://${BUCKET}/in/small ü.txt`, `s3://${BUCKET}/copy`);
  await asPath('get', `s3://${BUCKET}/in/large.bin`, directory.join('back.bin'));
  assert.ok((await readFile(directory.join('back.bin'))).equals(await readFile(large)));

  const asHost = (...words: string[]): Promise<string> => runJudge(['s3cmd', '-c', byHost, ...words]);
  await asHost('get', `s3://${BUCKET}/copy`, directory.join('copy'));
  assert.equal(await readFile(directory.join('copy'), 'utf8'), 'small');
  await asHost('del', '-r', '-f', `s3://${BUCKET}`);
  assert.deepEqual(server.keys(BUCKET), []);
  await asPath('rb', `s3://${BUCKET}`);
});

test('rclone syncs a tree, checks it, serves a presigned link, and streams in parts', async () => {
  await using directory = await temporaryDirectory();
  await using server = await createS3Server({ buckets: [BUCKET], domain: 's3.test', directory: directory.join('s3') });
  const env = (endpoint: string, style: string): Record<string, string> => ({
    RCLONE_CONFIG: '/dev/null',
    RCLONE_CONFIG_T_TYPE: 's3',
    RCLONE_CONFIG_T_PROVIDER: 'Other',
    RCLONE_CONFIG_T_ENDPOINT: endpoint,
    RCLONE_CONFIG_T_ACCESS_KEY_ID: S3_TEST_CREDENTIALS.accessKeyId,
    RCLONE_CONFIG_T_SECRET_ACCESS_KEY: S3_TEST_CREDENTIALS.secretAccessKey,
    RCLONE_CONFIG_T_FORCE_PATH_STYLE: style,
  });
  const tree = directory.join('tree');
  await mkdir(`${tree}/deep/er`, { recursive: true });
  for (let i = 0; i < 30; i += 1) await writeFile(`${tree}/deep/er/file ${i} äö+&.txt`, `content ${i}`);
  await writeFile(`${tree}/large.bin`, randomBytes(12 * 1024 * 1024));

  const byPath = (...words: string[]): Promise<string> => runJudge(['rclone', ...words], env(server.endpoint, 'true'));
  await byPath('sync', tree, `t:${BUCKET}/tree`, '--s3-upload-cutoff', '5M', '--s3-chunk-size', '5M');
  await byPath('check', tree, `t:${BUCKET}/tree`, '--download');
  await byPath('check', tree, `t:${BUCKET}/tree`);
  await byPath(
    'copyto',
    `t:${BUCKET}/tree/large.bin`,
    `t:${BUCKET}/copied.bin`,
    '--s3-copy-cutoff',
    '6M',
    '--s3-chunk-size',
    '5M',
  );
  assert.ok(server.tally.count('UploadPartCopy') > 1, 'the copy was not made of parts');
  const link = (await byPath('link', `t:${BUCKET}/tree/deep/er/file 3 äö+&.txt`)).trim();
  assert.match(link, /X-Amz-Signature=/);
  assert.equal(await (await fetch(link)).text(), 'content 3');
  assert.equal((await fetch(link.replace(/.$/, (last) => (last === '0' ? '1' : '0')))).status, 403);

  const byHost = { ...env('http://s3.test', 'false'), http_proxy: `http://127.0.0.1:${server.port}` };
  await runJudge(['rclone', 'sync', `t:${BUCKET}/tree`, directory.join('back')], byHost);
  assert.equal((await readdir(directory.join('back/deep/er'))).length, 30);
  await runJudge(['rclone', 'purge', `t:${BUCKET}/tree`], byHost);
  assert.deepEqual(server.keys(BUCKET), ['copied.bin']);
});

test('restic, whose chunks are signed, backs up, checks every byte, restores and prunes', async () => {
  await using directory = await temporaryDirectory();
  const payloads = new Set<string | undefined>();
  await using server = await createS3Server({
    buckets: [BUCKET],
    directory: directory.join('s3'),
    fault: ({ headers }) => void payloads.add(headers.get('x-amz-content-sha256')),
  });
  const env = {
    AWS_ACCESS_KEY_ID: S3_TEST_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: S3_TEST_CREDENTIALS.secretAccessKey,
    RESTIC_REPOSITORY: `s3:${server.endpoint}/${BUCKET}/repo`,
    RESTIC_PASSWORD: 'test',
    RESTIC_CACHE_DIR: directory.join('cache'),
  };
  const restic = (...words: string[]): Promise<string> => runJudge(['restic', '--no-cache', ...words], env);
  const tree = directory.join('tree');
  await mkdir(tree);
  for (let i = 0; i < 20; i += 1) await writeFile(`${tree}/${i}.bin`, randomBytes(400_000));
  await restic('init');
  await restic('backup', tree);
  await cp(`${tree}/1.bin`, `${tree}/new.bin`);
  await writeFile(`${tree}/2.bin`, 'changed');
  await restic('backup', tree);
  assert.ok(payloads.has('STREAMING-AWS4-HMAC-SHA256-PAYLOAD'), 'no body came in signed chunks');
  await restic('check', '--read-data');
  await restic('restore', 'latest', '--target', directory.join('back'));
  for (const name of await readdir(tree))
    assert.ok((await readFile(`${directory.join('back')}${tree}/${name}`)).equals(await readFile(`${tree}/${name}`)), name);
  await restic('forget', '--keep-last', '1', '--prune');
  await restic('check', '--read-data');
  server.faults.add({
    fault: { kind: 'flip-bit', at: 1000 },
    kinds: ['GetObject'],
    when: ({ key }) => key.includes('/data/'),
    times: 99,
  });
  await assert.rejects(restic('check', '--read-data'), /does not match|verification failed/);
});
