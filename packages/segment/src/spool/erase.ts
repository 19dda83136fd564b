import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { blankLines, errorCode, namesAnyOf } from '../source/index.ts'
import { filesIn } from './spool-writer.ts'

/**
 * Erases from spools what names one of some identifiers: their lines become blank, which are no
 * records.
 *
 * Shape: how many lines. A line that names somebody else, too, is erased for both. Every place stays
 * where it is, so that who appends, and who reads, is not in the way; a position in what was changed
 * reads it again. Durable when it resolves.
 *
 * @param directory - of several spools, each in a directory of its own; none is no mistake
 * @param ids - as records hold them; capitals do not count
 */
export async function eraseFromSpools(directory: string, ids: readonly string[]): Promise<number> {
  let erased = 0
  for (const spool of await spoolsIn(directory)) erased += await eraseFromSpool(spool, ids)
  return erased
}

/** The same, of one spool in its directory. */
export async function eraseFromSpool(directory: string, ids: readonly string[]): Promise<number> {
  const named = namesAnyOf(ids)
  let erased = 0
  for (const file of await filesIn(directory))
    erased += await eraseFrom(join(directory, file), named)
  return erased
}

async function spoolsIn(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isDirectory() ? [join(directory, entry.name)] : []))
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** A file that a server removed meanwhile was worked on: nothing of it is left. */
async function eraseFrom(path: string, named: (line: string) => boolean): Promise<number> {
  const file = await open(path, 'r+').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null
    throw error
  })
  if (file === null) return 0
  try {
    const bytes = await file.readFile()
    const lines = blankLines(bytes, named)
    for (const [start, end] of lines) await file.write(bytes, start, end - start, start)
    if (lines.length > 0) await file.datasync()
    return lines.length
  } finally {
    await file.close()
  }
}
