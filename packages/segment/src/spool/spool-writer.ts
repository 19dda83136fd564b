import { open, readdir } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { errorCode, makePrivateDirectory } from '../source/index.ts'

const SUFFIX = '.events'
const NAME_DIGITS = 10
const NEWLINE = Buffer.from('\n')

/** The names of a spool's files, oldest first; none when there is no directory. */
export async function filesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((file) => file.endsWith(SUFFIX)).toSorted()
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  }
}

/** Appends to the newest file of a spool that this process began. */
export class SpoolWriter {
  readonly #directory: string
  readonly #maxFileBytes: number
  #file: FileHandle | null = null
  #fileBytes = 0
  /** Appended since the last sync began. */
  #waiting: Uint8Array[] = []
  #syncing: Promise<void> | null = null

  constructor(directory: string, maxFileBytes: number) {
    this.#directory = directory
    this.#maxFileBytes = maxFileBytes
  }

  /** Writes whole lines and syncs; who comes while a sync runs shares the next one. */
  async append(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes)
    if (bytes.at(-1) !== NEWLINE[0]) this.#waiting.push(NEWLINE)
    const running = this.#syncing
    if (running !== null) {
      await running.catch(() => {})
      if (this.#syncing !== null) return this.#syncing
    }
    this.#syncing = this.#flush()
    try {
      await this.#syncing
    } finally {
      this.#syncing = null
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#file ??= await this.#begin()
    await this.#file.appendFile(bytes)
    this.#fileBytes += bytes.length
  }

  async sync(): Promise<void> {
    await this.#file?.sync()
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = null
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    if (this.#fileBytes > this.#maxFileBytes) await this.close()
    await this.write(bytes)
    await this.sync()
  }

  async #begin(): Promise<FileHandle> {
    await makePrivateDirectory(this.#directory)
    const last = (await filesIn(this.#directory)).at(-1)
    const number = last === undefined ? 1 : Number(last.slice(0, -SUFFIX.length)) + 1
    this.#fileBytes = 0
    return open(
      join(this.#directory, `${String(number).padStart(NAME_DIGITS, '0')}${SUFFIX}`),
      'wx',
      0o600,
    )
  }
}
