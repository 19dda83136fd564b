import { FALSE_BYTE, NULL_BYTE } from '../fold/encoded.ts'
import { FALSE } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import { pendingOutputs } from './build-update.ts'
import type { PendingOutput } from './build-update.ts'
import type { RunProgram } from './run-program.ts'
import type { RowEvents } from './settle-row.ts'

/*
 * Nobody is made to say what he does not belong to. Segment tells of an exit under every identifier
 * a profile ever had, and each would become an empty profile. So what says nothing but that goes to
 * existing users only, and Braze drops it where there is none. It is held as delivered, in a row
 * whose user is not known to be created: that is how the update that creates the user knows what
 * has to travel with it once more. No other record of it is kept.
 */

/**
 * Whether what is pending is a reason to create its user: not that there is no value, nor that
 * somebody is no member.
 */
export function isReasonToCreate(
  { pending }: OpenPartition,
  { entry, output }: PendingOutput,
): boolean {
  if (output.kind === 'event') return true
  // Cohorts take existing users alone.
  if (output.kind === 'cohort') return false
  const first = pending.firstByte(entry)
  return first !== NULL_BYTE && !(first === FALSE_BYTE && output.isMembership)
}

/** Whether a row's user is known to Braze, or what is pending of it makes it so. */
export function isCreated({ open, row }: RowPlace, entries: readonly PendingOutput[]): boolean {
  return (
    open.rows.flags.isCreated(row) || entries.some((pending) => isReasonToCreate(open, pending))
  )
}

/**
 * What a row has to send, once all is folded: with an update that creates its user goes what was
 * sent to existing users only.
 *
 * @param events - what its event entries amount to
 */
export function entriesToSend(
  program: RunProgram,
  place: RowPlace,
  events: RowEvents,
): readonly PendingOutput[] {
  const entries = pendingOutputs(program.outputs, place, events)
  const isKnown = entries.length === 0 || place.open.rows.flags.isCreated(place.row)
  if (isKnown || !isCreated(place, entries) || !tellFalsesAgain(program, place)) return entries
  return pendingOutputs(program.outputs, place, events)
}

/**
 * Has sent once more what was sent to existing users only: every `false` a row holds because a run
 * delivered it, not because it was history. For rows whose user is about to be created. Says
 * whether there was any.
 */
export function tellFalsesAgain(
  { falseColumns: columns }: RunProgram,
  { open, row }: RowPlace,
): boolean {
  const { rows, pending } = open
  let isTold = false
  for (const column of columns) {
    if (!rows.slots.holds(row, column, FALSE.digest) || rows.runOf(row, column) === 0) continue
    const known = pending.find(row, column)
    const isPending = known >= 0 && pending.isOpen(known)
    pending.doubt(isPending ? known : open.propose(row, column, FALSE.bytes))
    isTold = true
  }
  return isTold
}
