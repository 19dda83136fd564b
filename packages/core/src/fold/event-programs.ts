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
  if (slot === undefined || slot.event === null) return undefined
  const { mapping, event, backfill } = slot
  return { id: mapping.id, event, isMembership: mapping.wanted.kind === 'audience', backfill }
}

function segmentEvent(
  segments: readonly SegmentProgram[],
  column: number,
): EventProgram | undefined {
  const program = segments.find(({ slots }) =>
    slots.some((slot) => slot.column === column && slot.kind === 'event'),
  )
  if (program === undefined) return undefined
  const { id, event, backfill } = program.segment
  return { id, event: event!, isMembership: true, backfill }
}
