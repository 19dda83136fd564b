import type { Layout } from '../rows/layout.ts'
import type { EventProgram, SegmentProgram, SlotProgram } from './program.ts'

/**
 * What each column sends as events, by column number: slots of mappings, and transitions of
 * segments.
 */
export function eventPrograms(
  layout: Layout,
  slotByColumn: readonly (SlotProgram | undefined)[],
  segments: readonly SegmentProgram[],
): readonly (EventProgram | undefined)[] {
  return layout.columns.map(
    ({ number }) => mappingEvent(slotByColumn[number]) ?? segmentEvent(segments, number),
  )
}

function mappingEvent(slot: SlotProgram | undefined): EventProgram | undefined {
  if (slot?.kind !== 'event') return undefined
  const { mapping, encoding, backfill } = slot
  return {
    id: mapping.id,
    event: encoding,
    isMembership: mapping.wanted.kind === 'audience',
    backfill,
  }
}

function segmentEvent(
  segments: readonly SegmentProgram[],
  column: number,
): EventProgram | undefined {
  for (const { segment, slots } of segments) {
    const slot = slots.find((each) => each.column === column)
    if (slot?.kind !== 'event') continue
    return { id: segment.id, event: slot.encoding, isMembership: true, backfill: segment.backfill }
  }
  return undefined
}
