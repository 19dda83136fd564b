/**
 * Events from objects of a bucket: listing, downloading what may break off, a position by time of
 * change.
 */
export type { S3Access } from './bucket.ts'
export { createS3Source } from './source.ts'
export type { S3SourceOptions } from './source.ts'
