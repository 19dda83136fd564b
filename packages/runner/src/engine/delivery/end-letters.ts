import type { OpenPartition } from '@engage-sync/core'
import type { Committer } from '../durable/index.ts'
import type { RetriedChange, RetriedLetters } from '../retry/index.ts'
import type { DeliveryListener } from './delivery-listener.ts'

/**
 * Takes letters off the list as what was made of them ends; tells another listener all the same.
 */
export function removingLetters(
  retry: RetriedLetters,
  committer: Committer,
  listener: DeliveryListener,
): DeliveryListener {
  const remove = (open: OpenPartition, change: RetriedChange) => {
    const id = retry.letterOf(open, change)
    if (id !== null) committer.removeDeadLetter(id)
  }
  return {
    delivered(place, pending, candidate) {
      listener.delivered(place, pending, candidate)
      remove(place.open, { entry: pending.entry, candidate })
    },
    refused(refusal) {
      listener.refused(refusal)
      remove(refusal.open, { entry: refusal.pending.entry, candidate: refusal.candidate })
    },
    unknown(place, pending) {
      listener.unknown(place, pending)
    },
    decided(place, pending) {
      listener.decided(place, pending)
      remove(place.open, pending)
    },
  }
}
