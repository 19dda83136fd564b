import type { CompiledSync, Timing } from '@engage-sync/core'
import type { Computation } from '@engage-sync/segment'
import { loadSpaceTools } from '../adapters/registry.ts'
import type { OpenSpace } from './space.ts'
import { readSpace } from './space.ts'

/** One mapping or segment beside what Segment says of its computation. */
export interface SpaceRow {
  /** Mapping or segment id. */
  readonly mapping: string
  /** How Segment computes it; null where it computes nothing for it, or does not list it. */
  readonly segment: string | null
  /** Whether we follow it in real time, or look again at each run, and why. */
  readonly ours: Timing
  /** Members in Segment and in Braze, as far as each is known. */
  readonly size: { readonly segment: number | null; readonly braze: number | null } | null
}

/**
 * Puts Segment's own cadence, historical data switch and sizes beside ours.
 *
 * Shape: one row per mapping and segment, in the order of the syncs.
 *
 * @param members - members Braze has from us, by mapping or segment id
 * @throws {SyncError} `SOURCE_AUTH`, `SOURCE_REQUEST`, `SOURCE_UNAVAILABLE`, `SOURCE_ANSWER`
 */
export async function viewSpace(
  syncs: readonly CompiledSync[],
  space: OpenSpace,
  context: { readonly members: ReadonlyMap<string, number>; readonly signal: AbortSignal },
): Promise<readonly SpaceRow[]> {
  const { describeComputation, compareSizes } = await loadSpaceTools()
  const { audiences, computedTraits } = await readSpace(space, context.signal)
  const byKey = {
    audience: new Map<string, Computation>(audiences.map((audience) => [audience.key, audience])),
    trait: new Map<string, Computation>(computedTraits.map((trait) => [trait.key, trait])),
  }
  const describe = (found: Computation | undefined) =>
    found === undefined ? null : describeComputation(found)
  return syncs.flatMap(({ mappings, segments }) => [
    ...mappings.map(({ id, wanted, timing }): SpaceRow => {
      const found = wanted.kind === 'enrichment' ? undefined : byKey[wanted.kind].get(wanted.key)
      const members = context.members.get(id) ?? null
      const [size] =
        wanted.kind === 'audience' ? compareSizes(audiences, new Map([[wanted.key, members]])) : []
      return {
        mapping: id,
        segment: describe(found),
        ours: timing,
        size: size === undefined ? null : sizeOf(size),
      }
    }),
    ...segments.map(({ id, filter }): SpaceRow => ({
      mapping: id,
      segment: null,
      ours: filter.timing,
      size: { segment: null, braze: context.members.get(id) ?? null },
    })),
  ])
}

function sizeOf({
  segment,
  destination,
}: {
  readonly segment: number | null
  readonly destination: number | null
}): SpaceRow['size'] {
  return { segment, braze: destination }
}
