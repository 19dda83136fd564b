import type { DeadLetter, Json } from '@engage-sync/core'
import { deadLetterFrame } from './record-letters.ts'
import type { DeadLetterContext } from './record-letters.ts'
import type { Refusal } from '../delivery/row-outcomes.ts'

/** What a dead letter of the destination remembers of the refused value, so that `retry` can send it again. */
export interface RefusedValue {
  readonly kind: string
  readonly mapping: string
  /** Canonical text of the encoded value. */
  readonly value: string
  /** Event time, milliseconds. */
  readonly time: number
}

/** The dead letter of something the destination refused. Its payload is what was to be sent, not the whole user. */
export function refusedLetter(refusal: Refusal, context: DeadLetterContext): DeadLetter {
  const { open, row, pending, code, message } = refusal
  return {
    ...deadLetterFrame(context),
    sync: pending.output.syncName,
    code,
    message,
    stage: 'destination',
    place: pending.output.id,
    payload: payloadOf(refusal) as unknown as Json,
    subject: { partition: open.rows.number, user: open.rows.idText(row), slot: String(pending.output.column) },
  }
}

function payloadOf({ open, row, pending: { entry, output }, candidate }: Refusal): RefusedValue {
  const { pending, rows } = open
  const named = { kind: output.kind, mapping: output.id }
  if (candidate >= 0) return { ...named, value: pending.eventText(candidate), time: pending.event(candidate).time }
  return { ...named, value: pending.text(entry), time: rows.slots.time(row, output.column) }
}
