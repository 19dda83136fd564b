import { open, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'

/**
 * Writes lines into a file that does not exist yet, readable by its owner only: they hold personal
 * data. A file that cannot be finished is taken away.
 *
 * @param name - as typed; relative to where the command was started
 * @throws {SyncError} `USAGE_OUT_FILE`
 */
export async function writeLines(
  { cwd }: Pick<Io, 'cwd'>,
  name: string,
  lines: AsyncIterable<string>,
): Promise<{ readonly lines: number; readonly bytes: number }> {
  const path = resolve(cwd, name)
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    throw new SyncError('USAGE_OUT_FILE', `${name} cannot be made (${error.code ?? 'unknown'})`, {
      hint:
        error.code === 'EEXIST'
          ? 'It is there already, and is not overwritten. Choose another name.'
          : 'Check the path and its permissions.',
    })
  })
  let count = 0
  let bytes = 0
  try {
    for await (const line of lines) {
      await file.appendFile(line)
      count++
      bytes += Buffer.byteLength(line)
    }
    await file.sync()
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
  return { lines: count, bytes }
}
