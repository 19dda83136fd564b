import { SyncError } from '@engage-sync/core'
import type { Mark, PackedRequest, Sent } from '@engage-sync/core'
import { killPoint, killPointSoon } from '../../process/kill-points.ts'
import { intentOf, noteMarked } from '../durable/index.ts'
import type { DeliveryInputs } from './delivery-inputs.ts'
import type { RowInFlight } from './row-in-flight.ts'
import { countFailed } from './sending.ts'

/** Makes the intent of a request durable that must not be repeated blindly; null for others. */
export async function markRequest(
  { committer, now, letterOf, sending: { run } }: DeliveryInputs,
  request: PackedRequest,
  rowOf: (update: number) => RowInFlight | undefined,
): Promise<Mark | null> {
  if (!request.needsMark) return null
  const id = `${run}:${request.id}`
  killPoint('before-mark')
  const mark = { id, run, intent: intentOf(request, rowOf, { sentAt: now(), letterOf }) }
  await committer.mark(mark)
  killPoint('after-mark')
  noteMarked(request, rowOf)
  return mark
}

/**
 * Sends a request. A failure that is one of ours says it was not applied, but for an answer that
 * was somebody else's; anything else leaves its outcome open.
 */
export async function sendRequest(
  { sending, committer }: DeliveryInputs,
  request: PackedRequest,
  mark: Mark | null,
): Promise<Sent> {
  try {
    const answer = sending.destination.send(request, sending.sendSignal)
    killPointSoon('during-send')
    return await countFailed(sending, answer)
  } catch (error) {
    if (mark !== null && saysUnapplied(error)) committer.closeMark(mark.id)
    throw error
  }
}

/** Whether nothing of a request that ended so was applied: then nobody has to ask what became of it. */
function saysUnapplied(error: unknown): boolean {
  return error instanceof SyncError && !('mayBeApplied' in error && error.mayBeApplied === true)
}
