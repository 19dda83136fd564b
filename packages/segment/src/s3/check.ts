import type { SourceCondition } from '@engage-sync/contract'
import { sourceNotFound } from '../source/index.ts'
import { ObjectChangedError, openBucket } from './bucket.ts'
import type { Bucket, S3Access, S3Object } from './bucket.ts'
import type { S3Place } from './place.ts'

/**
 * Looks whether a bucket can be listed, whether an object of it is meant, and whether that one can
 * be read.
 *
 * @throws {SourceError} `SOURCE_NOT_FOUND`, `SOURCE_AUTH`, `SOURCE_REQUEST`, `SOURCE_UNAVAILABLE`,
 *   `SOURCE_DEPENDENCY`
 */
export async function checkBucket(
  access: S3Access & { readonly url: string },
  place: S3Place,
  signal: AbortSignal,
): Promise<SourceCondition> {
  signal.throwIfAborted()
  const bucket = await openBucket(place.bucket, access)
  try {
    const object = await bucket.find(place, signal)
    if (object === null) throw sourceNotFound(access.url)
    if (object.size === 0)
      return {
        message: 'Objects, and nothing in them',
        hint: 'Check that the address is the one meant.',
      }
    await readStart(bucket, object, signal)
    return { message: `s3://${place.bucket} can be listed, its objects can be read` }
  } finally {
    bucket.close()
  }
}

/** Reads the first bytes of an object; one that changes just now can be read all the same. */
async function readStart(bucket: Bucket, object: S3Object, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of bucket.download(object, 0, signal)) return
  } catch (error) {
    if (!(error instanceof ObjectChangedError)) throw error
  }
}
