import { mappingId, readMappingId, readSegmentNumber } from '@engage-sync/core'
import type { SegmentPlace, SegmentProgram } from '@engage-sync/core'
import type { InspectedSlot } from './inspected.ts'

/** What is known of a user beside the filters. */
export interface FactsKnown {
  readonly slots: readonly Pick<
    InspectedSlot,
    'mapping' | 'timeMs' | 'value' | 'known' | 'member'
  >[]
  /** Whether kept values, which are personal data, are told. */
  readonly withValues: boolean
}

/**
 * What is known of what a condition looks at: how many events count, what an audience or a kept value is, or that
 * nothing of it was read. Null where the state cannot tell.
 */
export function leafFact(
  program: SegmentProgram,
  index: number,
  { place, slots, withValues }: FactsKnown & { readonly place: SegmentPlace },
): string | null {
  const number = readSegmentNumber(program, index, place)
  if (number !== null && 'count' in number) return `${number.count} counted`
  if (number !== null) return withValues ? `is ${new Date(number.instantMs).toISOString()}` : null
  const leaf = program.segment.filter.leaves[index]
  if (leaf === undefined || leaf.type === 'event') return null
  const { kind, key, path } = leaf.operand
  const { sync } = readMappingId(program.segment.id)
  const sections = kind === 'trait' ? ['traits', 'enrichment'] : ['audiences']
  const ids = sections.map((section) => mappingId({ sync, section, key }))
  const own = slots.filter(({ mapping }) => ids.includes(mapping))
  if (own.length === 0) return null
  if (own.every(({ timeMs }) => timeMs === null)) return 'no record of it was read'
  if (path.length > 0) return null
  const told =
    own.find(({ known }) => known !== null)?.known ?? own.find(({ value }) => value !== null)?.value
  return told === undefined || told === null ? null : `is ${told}`
}
