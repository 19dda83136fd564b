import { eventsOfRow, MEMBER, pendingOutputs } from '@engage-sync/core'
import type { OpenPartition, RunProgram } from '@engage-sync/core'
import type { DeferredUser, FrozenUsers } from '../../deferred/index.ts'
import type { RowAt } from '../../delivery/index.ts'

/** What is frozen, and of whom. */
export interface Freezing {
  readonly program: RunProgram
  /** Memberships, as `removals=<id>`. */
  readonly keys: ReadonlySet<string>
  readonly users: FrozenUsers
}

/**
 * Takes back what the rows of an open partition would send of memberships that are frozen, where
 * they change one: that waits from now on, and nothing else of them. Returns the users whose
 * records have to be kept.
 */
export function freezeRows(freezing: Freezing, open: OpenPartition): readonly DeferredUser[] {
  const found: DeferredUser[] = []
  const { notes } = open.pending
  for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
    const guards = guardsOf(freezing, { open, row })
    if (guards.size === 0) continue
    freezing.users.freeze(open, row, guards)
    found.push(takeBack(freezing, { open, row }))
  }
  return found
}

function guardsOf({ program, keys }: Freezing, { open, row }: RowAt): ReadonlySet<string> {
  const guards = new Set<string>()
  const { pending, rows } = open
  if (pending.first(row) < 0) return guards
  const events = eventsOfRow(program.fold, open, row)
  for (const { output, entry } of pendingOutputs(program.outputs, { open, row }, events)) {
    if (!output.isMembership || !output.isPrimary) continue
    const was = pending.heldBefore(entry, MEMBER)
    const is = rows.slots.holds(row, output.column, MEMBER)
    const guard = is ? `additions=${output.id}` : `removals=${output.id}`
    if (was !== is && keys.has(guard)) guards.add(guard)
  }
  return guards
}

/** What may have been sent of it before, without an answer, is noted with the user. */
function takeBack({ program, users }: Freezing, { open, row }: RowAt): DeferredUser {
  const { pending, rows } = open
  const columns = users.of(rows.number, row)
  const doubted: number[] = []
  const unanswered: number[] = []
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry)) {
    const column = pending.columnOf(entry)
    if (!pending.isOpen(entry) || columns?.has(column) !== true) continue
    if (pending.isInDoubt(entry) && !pending.isEvent(entry))
      (program.outputs[column]?.isSegment === true ? doubted : unanswered).push(column)
    open.defer(row, entry)
  }
  const user = rows.idText(row)
  return { partition: rows.number, user, doubted, unanswered, frozen: users.guardsOf(user) }
}
