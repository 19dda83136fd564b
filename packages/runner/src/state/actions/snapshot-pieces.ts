import type { CommitGroup } from '@engage-sync/core'
import { PIECE_BYTES } from '../format/pieces.ts'

/** A line of an export with a part of a snapshot that is too long for one line. */
export interface PieceLine {
  readonly partition: number
  /** Base64. */
  readonly piece: string
  /** How many pieces of this snapshot follow. */
  readonly left: number
}

type Snapshot = NonNullable<CommitGroup['snapshots']>[number]

/** The lines of a snapshot: one where it fits, so that former versions can read it. */
export function* snapshotLines(
  { partition, bytes }: Snapshot,
  pieceBytes = PIECE_BYTES,
): Generator<PieceLine | { readonly partition: number; readonly snapshot: string }> {
  const count = Math.ceil(bytes.length / pieceBytes)
  if (count <= 1) return yield { partition, snapshot: Buffer.from(bytes).toString('base64') }
  for (let at = 0; at < count; at++) {
    const own = bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes)
    yield { partition, piece: Buffer.from(own).toString('base64'), left: count - 1 - at }
  }
}

/** Puts snapshots together again from the lines of their pieces, one after another. */
export class SnapshotJoiner {
  #pieces: Buffer[] = []
  /** What the next piece must say of itself; null between snapshots. */
  #next: { readonly partition: number; readonly left: number } | null = null

  /** A snapshot has begun and is not whole. */
  get isOpen(): boolean {
    return this.#next !== null
  }

  /** The snapshot a piece ends; null before that; undefined where the piece does not follow. */
  take({ partition, piece, left }: PieceLine): Snapshot | null | undefined {
    const next = this.#next
    if (next !== null && (next.partition !== partition || next.left !== left)) return undefined
    this.#pieces.push(Buffer.from(piece, 'base64'))
    this.#next = left === 0 ? null : { partition, left: left - 1 }
    if (left > 0) return null
    const bytes = Buffer.concat(this.#pieces)
    this.#pieces = []
    return { partition, bytes }
  }
}
