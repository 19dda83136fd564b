import { isJsonObject, own } from '@engage-sync/contract'
import type { CaseEventConfig } from '../schema/cases.ts'
import { parseInstant } from '../values/instant.ts'

const STEP_MS = 1000

/**
 * When each event of a case happened, in milliseconds since the epoch.
 *
 * Shape: an event without a time comes one second after the one before it; the last one, where none
 * has a time before it, one second before `now`. Earlier ones without a time count backwards from
 * the next known one.
 */
export function eventTimes(events: readonly CaseEventConfig[], nowMs: number): readonly number[] {
  const times: (number | null)[] = []
  for (const event of events) {
    const before = times.at(-1) ?? null
    times.push(writtenTime(event) ?? (before === null ? null : before + STEP_MS))
  }
  let next = nowMs
  for (let index = times.length - 1; index >= 0; index--) {
    next = times[index] ?? next - STEP_MS
    times[index] = next
  }
  return times as number[]
}

function writtenTime(event: CaseEventConfig): number | null {
  if (!('raw' in event)) return event.at === undefined ? null : parseInstant(event.at)
  const raw: unknown = event.raw
  const time = isJsonObject(raw) ? own(raw, 'timestamp') : null
  return typeof time === 'string' ? parseInstant(time) : null
}
