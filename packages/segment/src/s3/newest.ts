import { isDayFolder } from '../source/index.ts'
import type { Bucket, S3Object } from './bucket.ts'
import type { S3Place } from './place.ts'

/**
 * Folders found, and requests made to find them, at most: a look takes seconds, however many
 * objects there are.
 */
const MAX_FOLDERS = 50
const MAX_REQUESTS = 200

/**
 * A recent object of each folder of a place, without listing the whole of it.
 *
 * Shape: level by level; of the folders of days the last alone. Of a folder with more than
 * 1,000 objects, the newest of its first 1,000.
 */
export async function newestOfFolders(
  bucket: Bucket,
  place: S3Place,
  signal: AbortSignal,
): Promise<readonly S3Object[]> {
  const found: S3Object[] = []
  const waiting = [place.prefix]
  for (let asked = 0; asked < MAX_REQUESTS && found.length < MAX_FOLDERS; asked++) {
    const prefix = waiting.shift()
    if (prefix === undefined) break
    const { objects, folders } = await bucket.level(prefix, place, signal)
    const newest = objects.toSorted((left, right) => left.modifiedAt - right.modifiedAt).at(-1)
    if (newest !== undefined) found.push(newest)
    const days = folders.filter((folder) => isDayFolder(folder))
    waiting.push(...folders.filter((folder) => !isDayFolder(folder)), ...days.toSorted().slice(-1))
  }
  return found
}
