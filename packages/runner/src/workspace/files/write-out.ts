import { chmod, open, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { SyncError } from '@engage-sync/core'

/** A file a person asked for. */
export interface OutFile {
  /** Path as it was given, from `cwd`. */
  readonly name: string
  readonly cwd: string
  /** Readable by its owner only, whatever it was before. Default: as the shell makes files. */
  readonly isPrivate?: boolean
}

/** So many characters tell every output of ours from the others, and from what is none. */
const BEGINNING = 12

/**
 * Writes what `--out` asks for, over an earlier output of the same kind.
 *
 * @throws {SyncError} `USAGE_OUT_FILE`, also where something else is there: a mistyped name must not
 *   cost a file
 */
export async function writeOut({ name, cwd, isPrivate }: OutFile, text: string): Promise<void> {
  const path = resolve(cwd, name)
  await expectAlike({ name, cwd }, text)
  try {
    await writeFile(path, text, isPrivate === true ? { mode: 0o600 } : {})
    if (isPrivate === true) await chmod(path, 0o600)
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

/**
 * Looks whether what is there may be overwritten: nothing, an empty file, a device, or what begins
 * like the text.
 *
 * @throws {SyncError} `USAGE_OUT_FILE`
 */
export async function expectAlike({ name, cwd }: OutFile, text: string): Promise<void> {
  const beginning = await beginningOf(resolve(cwd, name))
  if (beginning === '' || text.startsWith(beginning)) return
  throw new SyncError(
    'USAGE_OUT_FILE',
    `${name} is there already and is something else: it is not overwritten`,
    { hint: 'Choose another name, or remove it first.' },
  )
}

/** How a file begins; nothing of what is no file, or cannot be read. */
async function beginningOf(path: string): Promise<string> {
  const file = await open(path).catch(() => null)
  if (file === null) return ''
  try {
    if (!(await file.stat()).isFile()) return ''
    const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING), 0, BEGINNING, 0)
    return buffer.toString('latin1', 0, bytesRead)
  } finally {
    await file.close()
  }
}
