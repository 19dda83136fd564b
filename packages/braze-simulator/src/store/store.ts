import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Engine, Journal, Pending } from '../engine.ts'
import { SimulatorError } from '../errors.ts'
import { readLines } from './read-lines.ts'
import { STORE_FORMAT, restoreLine, snapshotLines } from './lines.ts'
import type { StoreLine } from './lines.ts'
import { lockStore } from './lock.ts'

/** Journal bytes after which the file is written anew; never before it has doubled. */
const COMPACT_BYTES = 16 * 1024 * 1024
const WRITE_BYTES = 1024 * 1024
/** Owner alone: the file holds profiles. */
const FILE_MODE = 0o600

/**
 * A file that holds an engine's state: a snapshot, then a line for every accepted request.
 *
 * A line is written before its request is answered, so that killing the process loses nothing that was answered.
 * A line cut off by a crash is dropped when the file is opened.
 */
export class Store implements Journal {
  readonly #path: string
  readonly #engine: Engine
  readonly #unlock: () => void
  #descriptor = -1
  #snapshotBytes = 0
  #journalBytes = 0

  /**
   * Opens a file, makes it if need be, and brings the engine to the state it holds.
   *
   * @throws {SimulatorError} `SIMULATOR_STORE` when it is no store, `SIMULATOR_STORE_BUSY` when another process has it open
   */
  constructor(path: string, engine: Engine) {
    this.#path = path
    this.#engine = engine
    mkdirSync(dirname(path), { recursive: true })
    this.#unlock = lockStore(path)
    try {
      if (existsSync(path)) this.#restore()
      this.#compact()
    } catch (error) {
      this.#unlock()
      throw error
    }
    engine.journal = this
  }

  accepted(pending: Pending): void {
    this.#append({ line: 'work', pending })
    if (this.#journalBytes > COMPACT_BYTES && this.#journalBytes > this.#snapshotBytes) this.#compact()
  }

  settled(): void {
    this.#append({ line: 'settled' })
  }

  reset(): void {
    this.#append({ line: 'reset' })
  }

  /** Writes the state and lets go of the file. */
  close(): void {
    this.#compact()
    closeSync(this.#descriptor)
    this.#unlock()
  }

  #restore(): void {
    let isFirst = true
    for (const text of readLines(this.#path)) {
      const line = parse(text)
      if (isFirst && (line?.line !== 'head' || line.format !== STORE_FORMAT)) throw notAStore(this.#path)
      isFirst = false
      if (line === null) break
      restoreLine(line, this.#engine)
    }
    this.#engine.applyDue(Infinity)
  }

  /** Writes the state to a file beside and puts it in place: whoever looks sees the old file or the new one, whole. */
  #compact(): void {
    const temporary = `${this.#path}.new`
    const descriptor = openSync(temporary, 'w', FILE_MODE)
    this.#snapshotBytes = writeLines(descriptor, snapshotLines(this.#engine))
    fsyncSync(descriptor)
    renameSync(temporary, this.#path)
    if (this.#descriptor >= 0) closeSync(this.#descriptor)
    this.#descriptor = descriptor
    this.#journalBytes = 0
  }

  #append(line: StoreLine): void {
    this.#journalBytes += writeAll(this.#descriptor, `${JSON.stringify(line)}\n`)
  }
}

function writeLines(descriptor: number, lines: Iterable<StoreLine>): number {
  let bytes = 0
  let waiting = ''
  for (const line of lines) {
    waiting += `${JSON.stringify(line)}\n`
    if (waiting.length < WRITE_BYTES) continue
    bytes += writeAll(descriptor, waiting)
    waiting = ''
  }
  return bytes + writeAll(descriptor, waiting)
}

function writeAll(descriptor: number, text: string): number {
  const buffer = Buffer.from(text)
  for (let done = 0; done < buffer.length;) done += writeSync(descriptor, buffer, done)
  return buffer.length
}

function parse(text: string): StoreLine | null {
  try {
    return JSON.parse(text) as StoreLine
  } catch {
    return null
  }
}

function notAStore(path: string): SimulatorError {
  return new SimulatorError('SIMULATOR_STORE', `${path} is not a file of this simulator`, 'Name another file, or remove this one.')
}
