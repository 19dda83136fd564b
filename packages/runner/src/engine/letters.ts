import type { DeadLetter, Json } from '@engage-sync/core'
import type { Refusal } from './row-delivery.ts'

/** The dead letter of something the destination refused. Its payload is what was to be sent, not the whole user. */
export function letterOf(refusal: Refusal, when: { readonly run: number; readonly nowMs: number; readonly days: number }): DeadLetter {
  const { open, row, output, code, message } = refusal
  const user = open.rows.idText(row)
  return {
    run: when.run,
    at: new Date(when.nowMs).toISOString(),
    expiresAt: new Date(when.nowMs + when.days * 86_400_000).toISOString(),
    sync: output.syncName,
    code,
    message,
    stage: 'destination',
    place: output.id,
    payload: payloadOf(refusal),
    subject: { partition: open.rows.number, user, slot: String(output.column) },
  }
}

function payloadOf({ open, row, output, kind }: Refusal): Json {
  const entry = open.pending.find(row, output.column)
  if (entry < 0 || kind === 'event') return { kind, mapping: output.id }
  return { kind, mapping: output.id, value: open.pending.arena.text(open.pending.value[entry], open.pending.length[entry]) }
}
