import { eventsOfRow, MEMBER, pendingOutputs } from '@engage-sync/core'
import type { OpenPartition, RunProgram } from '@engage-sync/core'
import type { RowAt } from '../../delivery/index.ts'

/** A row that changes a membership which is frozen, and which: as `removals=<id>`. */
export interface FrozenRow extends RowAt {
  readonly guards: ReadonlySet<string>
}

/**
 * Takes everything back that the rows of an open partition would send, where some of it changes a
 * membership that is frozen. Their records wait.
 */
export function freezeRows(
  program: RunProgram,
  open: OpenPartition,
  frozen: ReadonlySet<string>,
): readonly FrozenRow[] {
  const found: FrozenRow[] = []
  const { notes } = open.pending
  for (let row = notes.next(0); row >= 0; row = notes.next(row + 1)) {
    const guards = guardsOf(program, { open, row }, frozen)
    if (guards.size === 0) continue
    takeBack(open, row)
    found.push({ open, row, guards })
  }
  return found
}

function guardsOf(
  program: RunProgram,
  { open, row }: RowAt,
  frozen: ReadonlySet<string>,
): ReadonlySet<string> {
  const guards = new Set<string>()
  const { pending, rows } = open
  if (pending.first(row) < 0) return guards
  const events = eventsOfRow(program.fold, open, row)
  for (const { output, entry } of pendingOutputs(program.outputs, { open, row }, events)) {
    if (!output.isMembership || !output.isPrimary) continue
    const was = pending.heldBefore(entry, MEMBER)
    const is = rows.slots.holds(row, output.column, MEMBER)
    const guard = is ? `additions=${output.id}` : `removals=${output.id}`
    if (was !== is && frozen.has(guard)) guards.add(guard)
  }
  return guards
}

function takeBack(open: OpenPartition, row: number): void {
  const { pending } = open
  for (let entry = pending.first(row); entry >= 0; entry = pending.after(entry))
    if (pending.isOpen(entry)) open.defer(row, entry)
}
