import type { SourcePosition } from '@engage-sync/contract'
import { badPosition } from '../../source/index.ts'

/** How far one front was read. */
export interface FrontPosition {
  /** Of the front as it was made: one that is made anew begins at 1 again. */
  readonly id: number
  /** The last batch that was read. */
  readonly batch: number
  /** Records and bytes the front had got up to it. */
  readonly records: number
  readonly bytes: number
}

/** By number of the front. */
export type FrontPositions = ReadonlyMap<number, FrontPosition>

/** @throws {SourceError} `SOURCE_POSITION` for one of another kind of log */
export function readPostgresPosition(
  position: SourcePosition | null,
  name: string,
): FrontPositions {
  if (position === null) return new Map()
  const { fronts } = position as { readonly fronts?: Readonly<Record<string, unknown>> }
  if (typeof fronts !== 'object' || fronts === null) throw badPosition(name)
  return new Map(
    Object.entries(fronts).map(([front, at]) => {
      const [id, batch, records, bytes] = Array.isArray(at) ? (at as unknown[]).map(Number) : []
      const isRead = [id, batch, records, bytes].every(Number.isSafeInteger)
      if (!isRead) throw badPosition(name)
      return [Number(front), { id, batch, records, bytes } as FrontPosition]
    }),
  )
}

/** As it is stored. */
export function storedPostgresPosition(positions: FrontPositions): SourcePosition {
  return {
    fronts: Object.fromEntries(
      [...positions].map(([front, { id, batch, records, bytes }]) => [
        String(front),
        [id, batch, records, bytes],
      ]),
    ),
  }
}

/**
 * Of each front the earlier one; the beginning of a front that one of them has not, or as it was
 * before it was made anew.
 */
export function earliestPostgresPosition(
  positions: readonly SourcePosition[],
  name: string,
): SourcePosition {
  const [first = new Map(), ...others] = positions.map((one) => readPostgresPosition(one, name))
  const earliest = new Map<number, FrontPosition>(first)
  for (const other of others)
    for (const [front, one] of earliest) {
      const at = other.get(front)
      if (at === undefined || at.id !== one.id) earliest.delete(front)
      else if (at.batch < one.batch) earliest.set(front, at)
    }
  return storedPostgresPosition(earliest)
}
