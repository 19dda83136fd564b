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

/** Lines that are written and synced together. */
interface Group {
  readonly parts: Uint8Array[]
  readonly done: PromiseWithResolvers<void>
  /** Whether another file is begun for them. */
  isRenewing: boolean
}

/**
 * Appends to the newest file of a spool that this process began.
 *
 * A write that fails leaves nothing behind: the file is cut back to what is durable, and given up.
 */
export class SpoolWriter {
  readonly #directory: string
  readonly #maxFileBytes: number
  #file: FileHandle | null = null
  /** Bytes of the file that were written whole. */
  #fileBytes = 0
  /** Appended since the last group began to be written. */
  #waiting: Group | null = null
  /** The groups under way, until none waits; null when nothing is. */
  #writing: Promise<void> | null = null

  constructor(directory: string, maxFileBytes: number) {
    this.#directory = directory
    this.#maxFileBytes = maxFileBytes
  }

  /** Writes whole lines and syncs; who comes while a sync runs shares the next one. */
  append(bytes: Uint8Array): Promise<void> {
    return this.#wait(({ parts }) => {
      parts.push(bytes)
      if (bytes.at(-1) !== NEWLINE[0]) parts.push(NEWLINE)
    })
  }

  /** Writes; durable after `sync`. */
  async write(bytes: Uint8Array): Promise<void> {
    const file = (this.#file ??= await this.#begin())
    let at = 0
    try {
      while (at < bytes.length) {
        const { bytesWritten } = await file.write(bytes, at, undefined, this.#fileBytes + at)
        at += bytesWritten
      }
      this.#fileBytes += bytes.length
    } catch (error) {
      if (at > 0) await this.#cutBack(file)
      throw error
    }
  }

  /** What a failed sync leaves on disk nobody knows: the file is written no further. */
  async sync(): Promise<void> {
    try {
      await this.#file?.datasync()
    } catch (error) {
      await this.#giveUp()
      throw error
    }
  }

  /**
   * Begins another file, after what is under way, with what comes meanwhile; numbers go on, so that no
   * name comes twice.
   */
  renew(): Promise<void> {
    return this.#wait((group) => {
      group.isRenewing = true
    })
  }

  /** Ends the file, after what is under way; the next bytes begin another one. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing
    await this.#end()
  }

  /** Whatever touches the file goes by its turn: one group after the other. */
  #wait(join: (group: Group) => void): Promise<void> {
    const done = Promise.withResolvers<void>()
    const group = (this.#waiting ??= { parts: [], done, isRenewing: false })
    join(group)
    this.#writing ??= this.#writeGroups()
    return group.done.promise
  }

  async #end(): Promise<void> {
    const file = this.#file
    this.#file = null
    await file?.close()
  }

  async #writeGroups(): Promise<void> {
    for (let group = this.#waiting; group !== null; group = this.#waiting) {
      this.#waiting = null
      try {
        if (group.isRenewing) await this.#end()
        await this.#flush(Buffer.concat(group.parts))
        group.done.resolve()
      } catch (error) {
        group.done.reject(error)
      }
    }
    this.#writing = null
  }

  async #flush(bytes: Buffer): Promise<void> {
    if (this.#fileBytes > this.#maxFileBytes || (await this.#isRemoved())) await this.#end()
    await this.write(bytes)
    await this.sync()
  }

  /** Whether somebody removed the file: what is written into it then is nowhere. */
  async #isRemoved(): Promise<boolean> {
    return this.#file !== null && (await this.#file.stat()).nlink === 0
  }

  /**
   * A reader may have read what is cut away, and stands behind it: nothing else may ever come to that
   * place.
   */
  async #cutBack(file: FileHandle): Promise<void> {
    await file.truncate(this.#fileBytes).catch(() => undefined)
    await this.#giveUp()
  }

  async #giveUp(): Promise<void> {
    await this.#end().catch(() => undefined)
  }

  async #begin(): Promise<FileHandle> {
    await makePrivateDirectory(this.#directory)
    const last = (await filesIn(this.#directory)).at(-1)
    const number = last === undefined ? 1 : Number(last.slice(0, -SUFFIX.length)) + 1
    this.#fileBytes = 0
    const name = `${String(number).padStart(NAME_DIGITS, '0')}${SUFFIX}`
    const file = await open(join(this.#directory, name), 'wx', 0o600)
    await syncDirectory(this.#directory)
    return file
  }
}

/** A file is durable once its name is, too. Systems that open no directory keep names by themselves. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => null)
  if (directory === null) return
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
