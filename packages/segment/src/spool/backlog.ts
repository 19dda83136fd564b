import type { Stats } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { LogLag, SourcePosition } from '@engage-sync/contract'
import { readPosition } from '../files/index.ts'
import type { FilePosition } from '../files/index.ts'
import { errorCode } from '../source/index.ts'
import { MAX_SPOOL_FILE_AGE_MS } from './limits.ts'
import { filesIn } from './spool-writer.ts'
import type { SpoolWriter } from './spool-writer.ts'

/** A spool's place. */
interface SpoolPlace {
  readonly name: string
  readonly directory: string
}

/** What stands behind a position of a spool; the oldest of it came when its file was begun, or later. */
export async function spoolLag(
  place: SpoolPlace,
  position: SourcePosition | null,
): Promise<LogLag> {
  let bytes = 0
  let oldestMs = 0
  for (const { unread, ageMs } of await lookAt(place, position)) {
    bytes += unread
    if (unread > 0) oldestMs = Math.max(oldestMs, ageMs)
  }
  return { records: bytes === 0 ? 0 : null, bytes, oldestMs }
}

/**
 * Removes the files that a position has passed, but the newest; that one is given up for another
 * once it is an hour old, so that what is worked on does not lie about.
 */
export async function trimSpool(
  place: SpoolPlace,
  position: SourcePosition,
  writer: Pick<SpoolWriter, 'renew'>,
): Promise<void> {
  const files = await lookAt(place, position)
  for (const file of files) {
    const isNewest = file === files.at(-1)
    const isOld = file.size > 0 && file.ageMs > MAX_SPOOL_FILE_AGE_MS
    if (file.unread === 0 && isNewest && isOld) await writer.renew()
    if (file.unread === 0 && !isNewest) await rm(join(place.directory, file.name), { force: true })
  }
}

/** A file of a spool beside a position. */
interface FileLook {
  readonly name: string
  readonly size: number
  /** Bytes behind the position. */
  readonly unread: number
  readonly ageMs: number
}

async function lookAt(
  { name, directory }: SpoolPlace,
  position: SourcePosition | null,
): Promise<readonly FileLook[]> {
  const before = new Map(readPosition(position, name).map((file) => [file.path, file]))
  const looks: FileLook[] = []
  for (const file of await filesIn(directory)) {
    const found = await statOf(join(directory, file))
    if (found === null) continue
    const { size, birthtimeMs } = found
    const unread = unreadOf(before.get(file), size)
    looks.push({ name: file, size, unread, ageMs: Math.max(0, Date.now() - birthtimeMs) })
  }
  return looks
}

/** Null for a file that was removed once it was listed: it was worked on. */
export async function statOf(path: string): Promise<Stats | null> {
  return await stat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  })
}

/** A file that was read to its end is read, though its last line has none: nobody acknowledged that. */
function unreadOf(position: FilePosition | undefined, size: number): number {
  if (position === undefined) return size
  const isRead = position.done && position.size === size
  return isRead ? 0 : Math.max(0, size - position.offset)
}
