import { isJsonObject } from '@engage-sync/contract'
import type { Json, SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../source/index.ts'
import type { FileIdentity } from './identity.ts'

/** How far one file was read. */
export interface FilePosition extends FileIdentity {
  /** Relative to the source's root, with `/`. */
  readonly path: string
  /** Bytes of (uncompressed) text that were read, up to the end of a record. */
  readonly offset: number
  /** Records that stand before the offset. */
  readonly records: number
  /** Read to the end it had; nothing is new until it grows. */
  readonly done: boolean
}

const VERSION = 1

/**
 * The positions of a reading, one a chunk.
 *
 * With thousands of files a position is long, and few of them are ever stored: each is put together
 * when it is asked for, from parts that no longer change.
 */
export class PositionLog {
  readonly #initial: readonly (Row | null)[]
  /** The last position of each file before the current one. */
  readonly #finished: (Row | null)[] = []
  #current: Row | null = null

  /** @param files - where each file stands at the start, in reading order */
  constructor(files: readonly FilePosition[]) {
    this.#initial = files.map((file) => (file.offset > 0 || file.done ? toRow(file) : null))
  }

  /** Notes how far file n was read; gives the position of all files at this moment. */
  move(index: number, file: FilePosition): () => SourcePosition {
    while (this.#finished.length < index) {
      const last = this.#current ?? this.#initial[this.#finished.length] ?? null
      this.#finished.push(last)
      this.#current = null
    }
    const row = toRow(file)
    this.#current = row
    return () => {
      const rows = [...this.#finished.slice(0, index), row, ...this.#initial.slice(index + 1)]
      return { version: VERSION, files: rows.filter((one) => one !== null) }
    }
  }
}

/** The files of a stored position. @throws {SourceError} `SOURCE_POSITION` */
export function readPosition(
  position: SourcePosition | null,
  place: string,
): readonly FilePosition[] {
  if (position === null) return []
  if (!isJsonObject(position) || position.version !== VERSION || !Array.isArray(position.files))
    throw badPosition(place)
  return (position.files as readonly Json[]).map((row) => {
    if (!isRow(row)) throw badPosition(place)
    const [path, size, head, tail, offset, records, done] = row
    return { path, size, head, tail, offset, records, done }
  })
}

type Row = readonly [string, number, string, string, number, number, boolean]
function toRow({ path, size, head, tail, offset, records, done }: FilePosition): Row {
  return [path, size, head, tail, offset, records, done]
}

const ROW_TYPES = ['string', 'number', 'string', 'string', 'number', 'number', 'boolean']

function isRow(row: unknown): row is Row {
  return (
    Array.isArray(row) &&
    row.length === ROW_TYPES.length &&
    ROW_TYPES.every((type, index) => typeof row[index] === type)
  )
}
