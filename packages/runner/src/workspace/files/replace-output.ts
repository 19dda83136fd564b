import { rename, rm, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { expectAlike, writeOut } from './write-out.ts'

/**
 * Writes a file that others may read at any time: they find the former text or the whole new one.
 *
 * @param name - path as it was given, from `cwd`
 * @throws {SyncError} `USAGE_OUT_FILE`
 */
export async function replaceOutput(name: string, cwd: string, text: string): Promise<void> {
  await expectAlike({ name, cwd }, text)
  const path = resolve(cwd, name)
  const next = `${path}.${process.pid}.tmp`
  try {
    await writeFile(next, text)
    await rename(next, path)
  } catch {
    // A device, or a place nobody may write to: written as every other output is, which says what is wrong.
    await rm(next, { force: true })
    await writeOut({ name, cwd }, text)
  }
}
