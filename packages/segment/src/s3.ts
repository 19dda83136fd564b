export { createS3Source, type S3SourceOptions } from './s3/source.ts'
export type { S3Access } from './s3/bucket.ts'
