import type { StateStore } from '@engage-sync/core'

/** Bytes of rows, by partition. */
export type RowSizes = Awaited<ReturnType<StateStore['sizes']>>

/** A snapshot or delta, as a table says how large it is. */
export interface SizedRows {
  readonly partition: number
  readonly isDelta: boolean
  readonly bytes: number
}

/** Adds up what is given by partition, each one's deltas oldest first. */
export function sizesOf(rows: readonly SizedRows[]): RowSizes {
  const sizes = new Map<number, { snapshotBytes: number; deltaBytes: number; deltas: number[] }>()
  for (const { partition, isDelta, bytes } of rows) {
    const size = sizes.get(partition) ?? { snapshotBytes: 0, deltaBytes: 0, deltas: [] }
    sizes.set(partition, size)
    if (isDelta) {
      size.deltas.push(bytes)
      size.deltaBytes += bytes
    } else size.snapshotBytes += bytes
  }
  return [...sizes].map(([partition, size]) => ({ partition, ...size }))
}
