import { boundTo, rowsChecksum } from './checksum.ts'

/**
 * Bytes of a piece of a snapshot, unless it is said: a value of PostgreSQL ends at 1 GB, one of
 * SQLite somewhat below, and whoever writes one holds copies of it.
 */
export const PIECE_BYTES = 8 * 2 ** 20

/** More pieces than a snapshot has. */
const MOST_PIECES = 2 ** 16

/**
 * Where a piece of a snapshot stands: pieces of another generation than the first one's are of
 * another snapshot. A snapshot of one piece is of generation 0.
 */
export interface PiecePlace {
  readonly partition: number
  readonly generation: number
  /** Counts from 0. */
  readonly piece: number
}

/** A piece of a snapshot, as it is written. */
export interface Piece extends PiecePlace {
  readonly checksum: number
  readonly bytes: Uint8Array
}

/** What the checksum of a piece is bound to, beside its partition. */
export function pieceNumber({ generation, piece }: Omit<PiecePlace, 'partition'>): number {
  return generation * MOST_PIECES + piece
}

/** How snapshots are cut. */
export interface Cut {
  readonly pieceBytes: number
  /** What tells the pieces of a partition's snapshot from those before. */
  readonly generationOf: (partition: number) => number
}

/** The pieces of a snapshot, in order; one at least. */
export function piecesOf(
  { partition, bytes }: { readonly partition: number; readonly bytes: Uint8Array },
  { pieceBytes, generationOf }: Cut,
): readonly Piece[] {
  const count = Math.max(1, Math.ceil(bytes.length / pieceBytes))
  const generation = count === 1 ? 0 : generationOf(partition)
  return Array.from({ length: count }, (_, piece) => {
    const own = bytes.subarray(piece * pieceBytes, (piece + 1) * pieceBytes)
    const checksum = boundTo(
      rowsChecksum('snapshot', partition, own),
      pieceNumber({ generation, piece }),
    )
    return { partition, generation, piece, checksum, bytes: own }
  })
}
