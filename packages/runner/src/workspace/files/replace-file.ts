import { randomUUID } from 'node:crypto'
import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'

/**
 * Replaces a text file as a whole: a reader sees the old one or the new one, never a part.
 *
 * @throws {SyncError} `CONFIG_UNWRITABLE`
 */
export function replaceFile(path: string, text: string, cwd: string): void {
  const target = resolve(cwd, path)
  const beside = `${target}.${randomUUID()}.tmp`
  try {
    writeFileSync(beside, text, {
      mode: statSync(target, { throwIfNoEntry: false })?.mode ?? 0o644,
    })
    renameSync(beside, target)
  } catch (error) {
    rmSync(beside, { force: true })
    throw new SyncError(
      'CONFIG_UNWRITABLE',
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`,
      {
        hint: 'Check its permissions and those of its directory.',
      },
    )
  }
}
