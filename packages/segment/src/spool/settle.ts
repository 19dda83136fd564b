import { rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourcePosition } from '@engage-sync/contract'
import { readPosition } from '../files/index.ts'
import type { FilePosition } from '../files/index.ts'
import { MAX_SPOOL_FILE_AGE_MS } from './limits.ts'
import { filesIn } from './spool-writer.ts'
import type { SpoolWriter } from './spool-writer.ts'

/** What stands behind a position of a spool. */
export interface SpoolBacklog {
  readonly bytes: number
  /** All that are left, whether something of them is to be read or not. */
  readonly files: number
}

/** A spool's place, and who writes to it; null where nobody does. */
export interface SettledSpool {
  readonly name: string
  readonly directory: string
  readonly writer: Pick<SpoolWriter, 'renew'> | null
}

/**
 * Removes the files that a position has passed, but the newest; that one is given up for another
 * once it is an hour old, so that what is worked on does not lie about.
 */
export async function settleSpool(
  spool: SettledSpool,
  position: SourcePosition | null,
): Promise<SpoolBacklog> {
  const { directory, writer } = spool
  const before = new Map(readPosition(position, spool.name).map((file) => [file.path, file]))
  const files = await filesIn(directory)
  const left = { bytes: 0, files: 0 }
  for (const file of files) {
    const { size, birthtimeMs } = await stat(join(directory, file))
    const unread = unreadOf(before.get(file), size)
    const isNewest = file === files.at(-1)
    const isOld = size > 0 && Date.now() - birthtimeMs > MAX_SPOOL_FILE_AGE_MS
    if (unread === 0 && isNewest && isOld) await writer?.renew()
    if (unread === 0 && !isNewest) await rm(join(directory, file), { force: true })
    else {
      left.bytes += unread
      left.files++
    }
  }
  return left
}

/** A file that was read to its end is read, though its last line has none: nobody acknowledged that. */
function unreadOf(position: FilePosition | undefined, size: number): number {
  if (position === undefined) return size
  const isRead = position.done && position.size === size
  return isRead ? 0 : Math.max(0, size - position.offset)
}
