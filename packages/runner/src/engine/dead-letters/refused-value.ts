import type { DeadLetter, OpenPartition, PendingOutput } from '@engage-sync/core'
import { encodeRefused } from '../../state/values/letter-payload.ts'
import type { RefusedValue } from '../../state/values/letter-payload.ts'
import { deadLetterFrame } from './record-letters.ts'
import type { DeadLetterContext } from './record-letters.ts'

/** Something Braze refused, for dead letters and counts. */
export interface Refusal {
  readonly open: OpenPartition
  readonly row: number
  readonly pending: PendingOutput
  readonly code: string
  readonly message: string
  /** The candidate of a refused event; -1 for attributes and memberships. */
  readonly candidate: number
}

/**
 * The dead letter of something the destination refused. Its payload is what was to be sent, not the
 * whole user.
 */
export function refusedLetter(refusal: Refusal, context: DeadLetterContext): DeadLetter {
  const { open, row, pending, code, message } = refusal
  return {
    ...deadLetterFrame(context),
    sync: pending.output.syncName,
    code,
    message,
    stage: 'destination',
    place: pending.output.id,
    payload: encodeRefused(refusedValue(refusal)),
    subject: {
      partition: open.rows.number,
      user: open.rows.idText(row),
      slot: String(pending.output.column),
    },
  }
}

function refusedValue({ open, row, pending: { entry, output }, candidate }: Refusal): RefusedValue {
  const { pending, rows } = open
  const named = { kind: output.kind, mapping: output.id }
  if (candidate >= 0)
    return { ...named, value: pending.eventText(candidate), time: pending.event(candidate).time }
  return { ...named, value: pending.text(entry), time: rows.slots.time(row, output.column) }
}
