import type { DroppedCause, Report } from '@engage-sync/core'
import { countOf } from '../text/numbers.ts'

/** Causes that are told; the others are added up. */
const MOST_CAUSES = 12

/** What to do about a cause. */
const ADVICE: ReadonlyMap<string, string> = new Map([
  ['not_coercible', 'Declare the `type:` of the trait: its values are cast then, or rejected.'],
  ['unknown_user', 'Put an `attribute` or `event` beside it, or see `identity.create_users`.'],
  ['string_too_long', 'Shorten it in Segment.'],
  ['invalid_name', 'Choose another `attribute` or event name.'],
  ['array_full', 'Send fewer elements; Braze keeps the first or the last ones alone.'],
  ['too_many_properties', 'Name those that matter with `properties:`.'],
])

/** One cause for people. */
export interface DroppedLine {
  readonly count: number
  /** What was dropped: an attribute or event by name, or the array it stood in. */
  readonly what: string
  readonly why: string
  /** What to do about it; empty where the reason says all there is. */
  readonly advice: string
}

/** What a simulator dropped, most first; the rest of it in one line. */
export function droppedLines({ dropped = [] }: Pick<Report, 'dropped'>): readonly DroppedLine[] {
  const lines = dropped.slice(0, MOST_CAUSES).map(lineOf)
  const rest = dropped.slice(MOST_CAUSES)
  if (rest.length === 0) return lines
  const why = countOf(rest.length, 'other cause')
  return [...lines, { count: totalOf(rest), what: 'more', why, advice: '' }]
}

/** Says it at once: how much, and that a real Braze would not. */
export function droppedHeadline({ dropped = [] }: Pick<Report, 'dropped'>): string {
  return `${countOf(totalOf(dropped), 'value')} Braze would have dropped in silence`
}

function lineOf({ reason, input, name, count, text }: DroppedCause): DroppedLine {
  const what = name ?? input.replaceAll('_', ' ')
  return { count, what, why: text, advice: ADVICE.get(reason) ?? '' }
}

function totalOf(causes: readonly DroppedCause[]): number {
  return causes.reduce((sum, { count }) => sum + count, 0)
}
