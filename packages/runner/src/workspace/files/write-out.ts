import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'

/**
 * Writes what `--out` asks for, over what is there.
 *
 * @param name - path as it was given, from `cwd`
 * @throws {SyncError} `USAGE_OUT_FILE`
 */
export async function writeOut(name: string, cwd: string, text: string): Promise<void> {
  try {
    await writeFile(resolve(cwd, name), text)
  } catch (error) {
    throw new SyncError(
      'USAGE_OUT_FILE',
      `${name} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Check the path and its permissions.',
      },
    )
  }
}
