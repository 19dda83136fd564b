import type { DeadLetter } from '@engage-sync/core'
import { killPoint } from '../../../process/kill-points.ts'
import { collectDeferred } from '../../deferred/index.ts'
import type { DeferredUser, DeferredUsers } from '../../deferred/index.ts'
import type { Folded, SourceFold } from '../../reading/index.ts'
import { TooManyHeld, TooManyWait } from '../terms/index.ts'
import { addRecordLetters } from './record-letters.ts'
import { lettersOf } from './scope.ts'
import type { WindowScope } from './scope.ts'

/** More of whom a guard holds a membership do not fit into memory beside all others. */
const MOST_FROZEN = 2_000_000

/** What a window came to, and what is committed of it. */
export interface EndedWindow {
  readonly fold: SourceFold
  readonly folded: Folded
  /** Users whose records wait from now on. */
  readonly users: readonly DeferredUser[]
  /** Records that waited, and were folded. */
  readonly deferred: DeferredUsers
}

/** Makes a window durable in one commit: rows, positions, letters and due times together. */
export async function commitWindow(scope: WindowScope, window: EndedWindow): Promise<void> {
  const { fold, folded, users, deferred } = window
  const { session } = scope
  const { open, due, shift, positions } = session
  const { committer } = shift.books
  addRecordLetters(shift, folded.letters, scope.gone)
  const waiting = await waitingLetters(scope, { fold, users, deferred })
  const kept = session.holds.kept.letters(lettersOf(scope)).filter(({ place }) => place !== '')
  const frozen = frozenLetters(scope, deferred)
  for (const letter of [...waiting, ...kept, ...frozen]) committer.addDeadLetter(letter)
  for (const { id } of deferred.ended) committer.removeDeadLetter(id)
  for (const value of due.takeStored()) committer.setValue(value)
  for (const value of session.guards.takeCounted(scope.nowMs)) committer.setValue(value)
  for (const value of session.fleetMembers?.takeStored() ?? []) committer.setValue(value)
  for (const { alias } of folded.merged.handed) shift.outcomes.writeHanded(alias)
  for (const value of session.handovers.leaving(folded.merged.handed, shift.number))
    committer.setValue(value)
  const moved = [...fold.positionsOf(folded.readings)]
  const isFirst = moved.some(([source]) => !positions.has(source))
  for (const [source, position] of moved) positions.set(source, position)
  if (isFirst) committer.setValue(session.doubts.stored(positions))
  killPoint('before-window-commit')
  if (folded.merged.handed.length > 0) killPoint('in-handover')
  await committer.flushWith({
    positions: moved.map(([source, position]) => ({ source, position })),
  })
  killPoint('after-window-commit')
  open.waiting.remove(deferred.ended)
  for (const { source, decoded, position } of folded.readings)
    session.doubts.passed(source, decoded, position)
  for (const number of scope.stale) open.partitions.rows.close(number)
}

/** What came of those of whom a membership is frozen. @throws {TooManyHeld} where they are too many */
function frozenLetters(scope: WindowScope, { ended }: DeferredUsers): readonly DeadLetter[] {
  const { open, inputs } = scope.session
  const { frozen } = open
  const kept = frozen.takeKept(ended)
  if (kept === null || frozen.size > MOST_FROZEN)
    throw new TooManyHeld(frozen.size, {
      guards: frozen.guards,
      environment: inputs.options.environment,
    })
  return kept.letters(lettersOf(scope))
}

/** @throws {TooManyWait} when it is not some users' trouble */
async function waitingLetters(
  scope: WindowScope,
  { fold, users, deferred }: Omit<EndedWindow, 'folded'>,
): Promise<readonly DeadLetter[]> {
  if (users.length === 0) return []
  const { open, inputs } = scope.session
  const { createDecoder } = inputs.options
  const { signal } = scope.signals
  const finder = { rows: open.partitions.rows, createDecoder, signal }
  const from = { ranges: fold.ranges, before: deferred.ended }
  const found = await collectDeferred(finder, users, from)
  signal.throwIfAborted()
  if (found === null) throw new TooManyWait(users.length)
  return found.letters(lettersOf(scope))
}
