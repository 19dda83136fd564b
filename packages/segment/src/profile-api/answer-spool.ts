import { open, readFile, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, makePrivateDirectory, sourceUnreadable } from '../source/index.ts'

/** What was fetched for some users: the records, and the users that gave none. */
export interface SpooledPart {
  readonly records: readonly string[]
  readonly rejected: readonly {
    readonly code: string
    readonly message: string
    readonly record: number
  }[]
}

/**
 * Answers on disk, so that a crash after reading them loses none and asks nobody twice.
 *
 * One file per part, 0600, written whole: a part is there or not.
 */
export interface Spool {
  /** The part, or null when it is not there. */
  read(pass: string, part: number): Promise<SpooledPart | null>
  /** Durable when it resolves. */
  write(pass: string, part: number, content: SpooledPart): Promise<void>
  /**
   * Removes what a committed position no longer needs: older parts of the pass, and all other
   * passes.
   */
  forget(pass: string, beforePart: number): Promise<void>
}

const SUFFIX = '.profiles.ndjson'

/** A spool in a directory of its own. */
export function openSpool(directory: string): Spool {
  const nameOf = (pass: string, part: number): string =>
    `${pass}.${String(part).padStart(7, '0')}${SUFFIX}`
  return {
    async read(pass, part) {
      const path = join(directory, nameOf(pass, part))
      try {
        const [head = '', ...records] = (await readFile(path, 'utf8')).split('\n')
        return {
          rejected: JSON.parse(head) as SpooledPart['rejected'],
          records: records.slice(0, -1),
        }
      } catch (cause) {
        if (errorCode(cause) === 'ENOENT') return null
        throw sourceUnreadable(path, cause)
      }
    },
    async write(pass, part, { records, rejected }) {
      await makePrivateDirectory(directory)
      const path = join(directory, nameOf(pass, part))
      await writeDurably(directory, path, [JSON.stringify(rejected), ...records, ''].join('\n'))
    },
    async forget(pass, beforePart) {
      const needed = nameOf(pass, beforePart)
      for (const name of await namesIn(directory)) {
        const isOld = !name.startsWith(`${pass}.`) || name < needed
        if (name.includes(SUFFIX) && isOld) await rm(join(directory, name), { force: true })
      }
    },
  }
}

async function writeDurably(directory: string, path: string, text: string): Promise<void> {
  const file = await open(`${path}.partial`, 'w', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.partial`, path)
  const parent = await open(directory, 'r')
  try {
    await parent.sync()
  } finally {
    await parent.close()
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return []
    throw sourceUnreadable(directory, cause)
  }
}
