import type { PutOff } from '../../delivery/index.ts'
import type { Session } from '../session/index.ts'

/**
 * A window that was let pass ended early: what is left of it is judged once more, and costs nothing
 * then.
 *
 * @param deletions - users it was to forget, and did not
 */
export function putOffWindow(
  { open, holds, shift, guards, inputs }: Session,
  deletions: number,
): void {
  const late = holds.lateUsers
  const changes: PutOff[] = []
  for (const each of open.partitions.rows.partitions) {
    if (each === undefined) continue
    const { notes } = each.pending
    for (let row = notes.next(0); row >= 0; row = notes.next(row + 1))
      if (!late.has(each.rows.idText(row)))
        changes.push(shift.outcomes.takePutOff({ open: each, row }))
  }
  for (let left = deletions; left > 0; left--)
    changes.push({ guards: ['deletions'], dataPoints: 0 })
  guards.putOff(changes, inputs.options.now())
}
