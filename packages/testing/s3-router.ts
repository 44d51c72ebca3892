import type { S3Answer, S3Exchange } from './s3-answer.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  listObjects,
} from './s3-buckets.ts';
import { S3Error } from './s3-errors.ts';
import { copyObject, deleteObject, deleteObjects, getObject, putObject } from './s3-objects.ts';
import type { S3Kind } from './s3-request.ts';
import { abortUpload, completeUpload, copyPart, createUpload, listParts, listUploads, uploadPart } from './s3-uploads.ts';

export const answerRequest = (exchange: S3Exchange): Promise<S3Answer> => ANSWERS[exchange.request.kind](exchange);

const ANSWERS: Readonly<Record<S3Kind, (exchange: S3Exchange) => Promise<S3Answer>>> = {
  AbortMultipartUpload: abortUpload,
  CompleteMultipartUpload: completeUpload,
  CopyObject: copyObject,
  CreateBucket: createBucket,
  CreateMultipartUpload: createUpload,
  DeleteBucket: deleteBucket,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  GetObject: getObject,
  HeadBucket: headBucket,
  HeadObject: getObject,
  ListBuckets: listBuckets,
  ListMultipartUploads: listUploads,
  ListObjects: listObjects,
  ListObjectsV2: listObjects,
  ListParts: listParts,
  PutObject: putObject,
  UploadPart: uploadPart,
  UploadPartCopy: copyPart,
  Unknown: async () => {
    throw new S3Error('NotImplemented');
  },
};
