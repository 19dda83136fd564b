import { PARTITIONS } from '@engage-sync/core'
import type { Source, SourcePosition, StateStore } from '@engage-sync/core'

/**
 * Where each source goes on for whoever works on all partitions: the earliest position of any of
 * them, where several workers left them at their own. What some have read already is read again,
 * which does no harm.
 */
export async function savedPositions(
  store: Pick<StateStore, 'positions' | 'partitionPositions'>,
  sources: ReadonlyMap<string, Source>,
): Promise<ReadonlyMap<string, SourcePosition>> {
  const positions = new Map(await store.positions())
  const ofPartitions = Map.groupBy(await store.partitionPositions(), ({ source }) => source)
  for (const [name, own] of ofPartitions) {
    const source = sources.get(name)
    if (source === undefined || !('earliest' in source)) continue
    const earliest = source.earliest as (positions: readonly SourcePosition[]) => SourcePosition
    const whole = positions.get(name)
    const others = own.length < PARTITIONS && whole !== undefined ? [whole] : []
    if (own.length < PARTITIONS && whole === undefined) continue
    positions.set(name, earliest([...own.map(({ position }) => position), ...others]))
  }
  return positions
}
