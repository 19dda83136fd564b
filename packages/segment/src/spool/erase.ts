import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode } from '../source/index.ts'
import { filesIn } from './spool-writer.ts'

const NEWLINE = 0x0a
const SPACE = 0x20
const QUOTE = '"'

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
  const wanted = ids.map((id) => JSON.stringify(id).slice(1, -1).toLowerCase())
  let erased = 0
  for (const spool of await spoolsIn(directory)) {
    for (const file of await filesIn(spool)) erased += await eraseFrom(join(spool, file), wanted)
  }
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

async function eraseFrom(path: string, wanted: readonly string[]): Promise<number> {
  const file = await open(path, 'r+')
  try {
    const bytes = await file.readFile()
    let erased = 0
    for (let start = 0; start < bytes.length;) {
      const found = bytes.indexOf(NEWLINE, start)
      const end = found < 0 ? bytes.length : found
      if (names(bytes.toString('utf8', start, end), wanted)) {
        await file.write(Buffer.alloc(end - start, SPACE), 0, end - start, start)
        erased++
      }
      start = end + 1
    }
    if (erased > 0) await file.datasync()
    return erased
  } finally {
    await file.close()
  }
}

/** Whether a record holds one of the texts as a whole, as a value or a key. */
function names(line: string, wanted: readonly string[]): boolean {
  const text = line.toLowerCase()
  return wanted.some(
    (id) => text.includes(`${QUOTE}${id}${QUOTE}`) || (isNumber(id) && holdsNumber(text, id)),
  )
}

function isNumber(id: string): boolean {
  return /^\d+$/.test(id)
}

/** Identifiers may come as numbers. */
function holdsNumber(text: string, id: string): boolean {
  return new RegExp(`[:[,]${id}[,}\\]]`).test(text)
}
