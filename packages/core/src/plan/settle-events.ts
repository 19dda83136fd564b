import { PENDING_EVENT, PENDING_SILENT } from '../fold/pending.ts'
import type { PendingPool } from '../fold/pending.ts'
import type { EventProgram } from '../fold/program.ts'
import type { Json } from '../json.ts'

/** One event to send, as a candidate number. */
export interface AcceptedEvent {
  readonly candidate: number
  readonly name: string
  readonly time: number
  readonly value: Json
}

/**
 * The events an entry's candidates amount to, in event-time order.
 *
 * Shape: a chain in any order in; one event per accepted change out. At one time the larger digest counts. A value
 * equal to the one before it is no change; a null is a change that sends nothing; a first `false` sends nothing;
 * history sends its newest value, and only when nothing newer is sent.
 */
export function acceptedEvents(pending: PendingPool, entry: number, program: EventProgram): readonly AcceptedEvent[] {
  if ((pending.flags[entry] & (PENDING_EVENT | PENDING_SILENT)) !== PENDING_EVENT) return []
  const { candidates } = pending
  const before = { low: pending.beforeLow[entry], high: pending.beforeHigh[entry] }
  const accepted: (AcceptedEvent & { readonly history: boolean })[] = []
  for (const candidate of inOrder(pending, entry)) {
    const low = candidates.low[candidate]
    const high = candidates.high[candidate]
    if (low === before.low && high === before.high) continue
    const isFirst = before.low === 0 && before.high === 0
    before.low = low
    before.high = high
    const history = candidates.history[candidate] === 1
    if (history && !program.backfill) continue
    const value = JSON.parse(pending.arena.text(candidates.value[candidate], candidates.length[candidate])) as Json
    if (value === null || (isFirst && value === false && program.isMembership)) continue
    const name = program.event.nameFor(value)
    if (name !== null) accepted.push({ candidate, name, time: candidates.time[candidate], value, history })
  }
  return accepted.length > 1 && accepted[0].history ? accepted.slice(1) : accepted
}

/** Candidates by time, one per instant. */
function inOrder(pending: PendingPool, entry: number): number[] {
  const { time, low, high, next } = pending.candidates
  const order: number[] = []
  for (let candidate = pending.value[entry]; candidate >= 0; candidate = next[candidate]) order.push(candidate)
  if (order.length === 1) return order
  order.sort((a, b) => time[a] - time[b] || high[a] - high[b] || low[a] - low[b])
  return order.filter((candidate, index) => index === order.length - 1 || time[order[index + 1]] !== time[candidate])
}
