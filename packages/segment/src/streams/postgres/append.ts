import { randomInt } from 'node:crypto'
import { cutLines } from '../messages/index.ts'
import { LogConnection } from './connection.ts'
import { isUnprepared, postgresError } from './errors.ts'
import type { PostgresLogOptions, Tables } from './place.ts'
import { prepareLog } from './tables.ts'

/**
 * Fronts of a source: positions hold one number for each. Processes that have the same one wait for
 * each other, and are right all the same.
 */
const FRONTS = 16
const MAX_BATCH_BYTES = 256 * 1024
const NEWLINE = 0x0a

/** Lines that are written together. */
interface Group {
  readonly parts: Uint8Array[]
  readonly done: PromiseWithResolvers<void>
}

/** Appends to one front, a batch after the other; who comes while one is written shares the next. */
export class Appender {
  readonly #connection: LogConnection
  readonly #tables: Tables
  readonly #source: string
  readonly #front: number
  #waiting: Group | null = null
  #writing: Promise<void> | null = null

  constructor({ url, source, fronts = FRONTS }: PostgresLogOptions, tables: Tables) {
    this.#connection = new LogConnection(url)
    this.#tables = tables
    this.#source = source
    this.#front = randomInt(fronts)
  }

  append(lines: Uint8Array): Promise<void> {
    if (lines.length === 0) return Promise.resolve()
    const group = (this.#waiting ??= { parts: [], done: Promise.withResolvers<void>() })
    group.parts.push(lines)
    if (lines.at(-1) !== NEWLINE) group.parts.push(LINE_END)
    this.#writing ??= this.#writeGroups()
    return group.done.promise
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#connection.close()
  }

  async #writeGroups(): Promise<void> {
    for (let group = this.#waiting; group !== null; group = this.#waiting) {
      this.#waiting = null
      try {
        for (const batch of cutLines(Buffer.concat(group.parts), MAX_BATCH_BYTES))
          await this.#write(batch)
        group.done.resolve()
      } catch (error) {
        group.done.reject(postgresError(error, 'an append'))
      }
    }
    this.#writing = null
  }

  async #write(batch: Uint8Array): Promise<void> {
    try {
      await this.#insert(batch)
    } catch (error) {
      if (!isUnprepared(error)) throw error
      await prepareLog(this.#connection, this.#tables)
      await this.#insert(batch)
    }
  }

  /** The front's number and the batch are one statement, and so one commit. */
  async #insert(lines: Uint8Array): Promise<void> {
    const { fronts, records } = this.#tables
    await this.#connection.rows(
      `WITH front AS (
         INSERT INTO ${fronts} AS f (source, front, batch, records, bytes) VALUES ($1, $2, 1, $3, $4)
         ON CONFLICT (source, front) DO UPDATE
           SET batch = f.batch + 1, records = f.records + excluded.records, bytes = f.bytes + excluded.bytes
         RETURNING batch, records, bytes)
       INSERT INTO ${records} (source, front, batch, at, records_to, bytes_to, lines)
       SELECT $1, $2, batch, clock_timestamp(), records, bytes, $5 FROM front`,
      [this.#source, this.#front, countOf(lines), lines.length, Buffer.from(lines)],
    )
  }
}

const LINE_END = Uint8Array.of(NEWLINE)

function countOf(lines: Uint8Array): number {
  let count = 0
  for (let at = lines.indexOf(NEWLINE); at >= 0; at = lines.indexOf(NEWLINE, at + 1)) count++
  return count
}
