import type { Connection, Submittable } from 'pg'

/** One field of a copied row: its bytes in PostgreSQL's binary format, or null. */
export type CopiedField = Uint8Array | null

/** `PGCOPY\n\377\r\n\0`, flags, and the length of an extension nobody uses. */
const HEADER_BYTES = 19
const NULL_FIELD = -1

/**
 * `COPY (…) TO STDOUT (FORMAT binary)` through the driver.
 *
 * A query's answer reaches us as text, and megabytes of rows as hexadecimal text cost far more than
 * reading them.
 *
 * @see https://www.postgresql.org/docs/current/sql-copy.html - the binary format
 */
export class CopyOut implements Submittable {
  readonly #select: string
  readonly #chunks: Buffer[] = []
  /** Called once, with an error or without; the driver's read timeout puts its own around it. */
  callback: (error?: Error) => void = () => {}

  /** @param select - the query; it takes no parameters */
  constructor(select: string) {
    this.#select = select
  }

  /** The rows, once `callback` was called without an error. */
  get rows(): readonly (readonly CopiedField[])[] {
    return readRows(Buffer.concat(this.#chunks))
  }

  submit(connection: Connection): void {
    connection.query(`COPY (${this.#select}) TO STDOUT (FORMAT binary)`)
  }

  /** The driver uses its buffer again, so the bytes are copied. */
  handleCopyData({ chunk }: { readonly chunk: Uint8Array }): void {
    this.#chunks.push(Buffer.from(chunk))
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.callback(error)
    this.callback = () => {}
  }

  handleReadyForQuery(): void {
    this.callback()
  }
}

function readRows(bytes: Buffer): readonly (readonly CopiedField[])[] {
  const rows: CopiedField[][] = []
  let at = HEADER_BYTES
  for (let fields = bytes.readInt16BE(at); fields >= 0; fields = bytes.readInt16BE(at)) {
    at += 2
    const row: CopiedField[] = []
    for (let index = 0; index < fields; index++) {
      const length = bytes.readInt32BE(at)
      at += 4
      row.push(
        length === NULL_FIELD ? null : new Uint8Array(bytes.buffer, bytes.byteOffset + at, length),
      )
      at += Math.max(0, length)
    }
    rows.push(row)
  }
  return rows
}
