import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { Engine, Journal, Pending } from '../engine/index.ts'
import { SimulatorError } from '../options/index.ts'
import { STORE_FORMAT, restoreLine, snapshotLines } from './lines.ts'
import type { StoreLine } from './lines.ts'
import { lockStore } from './lock.ts'
import { readLines } from './read-lines.ts'

/** Journal bytes after which the file is written anew; never before it has doubled. */
const COMPACT_BYTES = 16 * 1024 * 1024
const WRITE_BYTES = 1024 * 1024
/** Owner alone: the file holds profiles. */
const FILE_MODE = 0o600

/**
 * A file that holds an engine's state: a snapshot, then a line for every accepted request.
 *
 * A line is written before its request is answered, so that killing the process loses nothing that
 * was answered. A line cut off by a crash is dropped when the file is opened.
 */
export class Store implements Journal {
  readonly #path: string
  readonly #engine: Engine
  readonly #unlock: () => void
  #descriptor = -1
  #snapshotBytes = 0
  #journalBytes = 0
  /** Where the next line goes. */
  #end = 0

  /**
   * Opens a file, makes it if need be, and brings the engine to the state it holds.
   *
   * @throws {SimulatorError} `SIMULATOR_STORE` when it is no store, `SIMULATOR_STORE_BUSY` when
   *   another process has it open
   */
  constructor(path: string, engine: Engine) {
    this.#path = path
    this.#engine = engine
    mkdirSync(dirname(path), { recursive: true })
    this.#unlock = lockStore(path)
    try {
      if (existsSync(path)) this.#reopen()
      else this.#compact()
    } catch (error) {
      this.#unlock()
      throw error
    }
    engine.journal = this
  }

  accepted(pending: Pending): void {
    this.#append({ line: 'work', pending })
    if (this.#isJournalLong(COMPACT_BYTES)) this.#compact()
  }

  settled(): void {
    this.#append({ line: 'settled' })
  }

  reset(): void {
    this.#append({ line: 'reset' })
  }

  changed(): void {
    this.#compact()
  }

  /**
   * Writes the state anew unless that costs more than reading the journal, and lets go of the file.
   */
  close(): void {
    if (this.#journalBytes > 0 && (this.#snapshotBytes < COMPACT_BYTES || this.#isJournalLong(0)))
      this.#compact()
    closeSync(this.#descriptor)
    this.#unlock()
  }

  /** Reads the file up to the first line that was cut off, and goes on writing there. */
  #reopen(): void {
    let end = 0
    for (const { text, end: lineEnd } of readLines(this.#path)) {
      const line = parse(text)
      if (end === 0 && (line?.line !== 'head' || line.format !== STORE_FORMAT))
        throw notAStore(this.#path)
      if (line === null) break
      restoreLine(line, this.#engine)
      if (line.line === 'head' || line.line === 'cohort' || line.line === 'user')
        this.#snapshotBytes = lineEnd
      end = lineEnd
    }
    if (end === 0) throw notAStore(this.#path)
    this.#descriptor = openSync(this.#path, 'r+')
    ftruncateSync(this.#descriptor, end)
    this.#journalBytes = end - this.#snapshotBytes
    this.#end = end
    if (this.#engine.pending().length === 0) return
    this.settled()
    this.#engine.applyDue(Infinity)
  }

  #isJournalLong(least: number): boolean {
    return this.#journalBytes > least && this.#journalBytes > this.#snapshotBytes
  }

  /**
   * Writes the state to a file beside and puts it in place: whoever looks sees the old file or the
   * new one, whole.
   */
  #compact(): void {
    const temporary = `${this.#path}.new`
    const descriptor = openSync(temporary, 'w', FILE_MODE)
    this.#snapshotBytes = writeLines(descriptor, snapshotLines(this.#engine))
    this.#end = this.#snapshotBytes
    fsyncSync(descriptor)
    renameSync(temporary, this.#path)
    if (this.#descriptor >= 0) closeSync(this.#descriptor)
    this.#descriptor = descriptor
    this.#journalBytes = 0
  }

  #append(line: StoreLine): void {
    const bytes = writeAll(this.#descriptor, this.#end, `${JSON.stringify(line)}\n`)
    this.#end += bytes
    this.#journalBytes += bytes
  }
}

function writeLines(descriptor: number, lines: Iterable<StoreLine>): number {
  let bytes = 0
  let waiting = ''
  for (const line of lines) {
    waiting += `${JSON.stringify(line)}\n`
    if (waiting.length < WRITE_BYTES) continue
    bytes += writeAll(descriptor, bytes, waiting)
    waiting = ''
  }
  return bytes + writeAll(descriptor, bytes, waiting)
}

/** Writes a text at a place of a file, whole; gives its bytes. */
function writeAll(descriptor: number, place: number, text: string): number {
  const buffer = Buffer.from(text)
  let done = 0
  while (done < buffer.length)
    done += writeSync(descriptor, buffer, done, buffer.length - done, place + done)
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
  return new SimulatorError(
    'SIMULATOR_STORE',
    `${path} is not a file of this simulator`,
    'Name another file, or remove this one.',
  )
}
