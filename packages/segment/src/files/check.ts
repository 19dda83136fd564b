import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { SourceCondition } from '@engage-sync/contract'
import {
  BY_GLOB,
  countOf,
  passedOverText,
  sourceNotFound,
  sourceUnreadable,
} from '../source/index.ts'
import { listFiles, missingPlaces, passedOverFiles } from './list.ts'

/**
 * Looks whether there are files, and whether each can be opened.
 *
 * @throws {SourceError} `SOURCE_NOT_FOUND` with every place that matches no file,
 *   `SOURCE_UNREADABLE`
 */
export async function checkFiles(
  places: readonly string[],
  root: string,
  signal: AbortSignal,
): Promise<SourceCondition> {
  signal.throwIfAborted()
  const missing = await missingPlaces(places, root)
  if (missing.length > 0)
    throw sourceNotFound(missing.join(', '), await passedOverFiles(missing, root))
  const files = await listFiles(places, root)
  let empty = 0
  for (const file of files) {
    signal.throwIfAborted()
    if (await isEmpty(root, file)) empty++
  }
  const found = countOf(files.length, 'file')
  const passedOver = (await passedOverFiles(places, root)).filter((file) => !files.includes(file))
  if (empty < files.length)
    return passedOver.length === 0
      ? { message: `${found} can be read` }
      : { message: `${found} can be read. ${passedOverText(passedOver)}`, hint: BY_GLOB }
  return {
    message: `${found}, and nothing in ${files.length === 1 ? 'it' : 'them'}`,
    hint: 'Check that the path is the one meant.',
  }
}

async function isEmpty(root: string, file: string): Promise<boolean> {
  const path = join(root, file)
  try {
    const info = await stat(path)
    // A pipe gives its bytes once, and that is to the run.
    if (!info.isFile() && !info.isDirectory()) return false
    const handle = await open(path)
    try {
      return (await handle.read(Buffer.alloc(1), 0, 1, 0)).bytesRead === 0
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw sourceUnreadable(file, error)
  }
}
