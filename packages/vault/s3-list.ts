import { targetError } from './errors.ts';
import { objectOf, type S3Bucket } from './s3-bucket.ts';
import { PassingFailure } from './s3-failure.ts';
import { isObjectName } from './target-place.ts';

/** Page by page, as they are taken. What can be no object of a target is passed over. */
export async function* listObjects(
  bucket: S3Bucket,
  prefix: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<{ readonly name: string; readonly bytes: number }> {
  const { connection } = bucket;
  const { ListObjectsV2Command } = await connection.sdk();
  const object = objectOf(bucket, prefix === '' ? 'its list' : `${prefix}*`);
  let token: string | undefined;
  do {
    const page = await connection.attempt(
      async (client, abortSignal) => {
        const answer = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket.bucket,
            Prefix: bucket.root + prefix,
            ...(token === undefined ? {} : { ContinuationToken: token }),
          }),
          { abortSignal },
        );
        // Anything else in XML would pass for an empty list.
        if (answer.IsTruncated === undefined) throw new PassingFailure('it answered with something that is no list');
        return answer;
      },
      { object, signal },
    );
    for (const { Key = '', Size = 0 } of page.Contents ?? []) {
      const name = Key.slice(bucket.root.length);
      if (Key.startsWith(bucket.root + prefix) && isObjectName(name)) yield { name, bytes: Size };
    }
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (next === undefined && page.IsTruncated === true)
      throw targetError('TARGET_FAILED', object, 'it does not say how its list goes on');
    if (next !== undefined && next === token) throw targetError('TARGET_FAILED', object, 'its list does not get on');
    token = next;
  } while (token !== undefined);
}
