import { FALSE, MEMBER, TRUE } from '@engage-sync/core'
import type { OpenPartition } from '@engage-sync/core'

/** Has a segment's verdict told again as the row holds it, unless it changes in this run. */
export function retellVerdict(open: OpenPartition, row: number, column: number): void {
  if (open.pending.find(row, column) >= 0) return
  const isMember = open.rows.slots.holds(row, column, MEMBER)
  open.pending.doubt(open.propose(row, column, (isMember ? TRUE : FALSE).bytes))
}
