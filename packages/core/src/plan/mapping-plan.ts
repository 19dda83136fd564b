import { NULL_BYTE } from '../fold/encoded.ts'
import { MEMBER, NO_VALUE, NOTHING } from '../rows/hash/digest.ts'
import type { OpenPartition, RowPlace } from '../rows/pending/open-partition.ts'
import type { PendingOutput } from './build-update.ts'
import { pointsOf } from './points.ts'

/** What one mapping or segment would send. */
export interface MappingPlan {
  readonly id: string
  readonly sync: string
  /** Users who would get something of it. */
  users: number
  /** Attributes set for users that had none from us, changed, and unset. */
  new: number
  changed: number
  unset: number
  events: number
  cohortAdds: number
  cohortRemovals: number
  dataPoints: number
  /** Users who become or stop being members, over all encodings of the membership. */
  additions: number
  removals: number
}

/** What mappings and segments would send, by id. */
export class MappingPlans {
  readonly all = new Map<string, MappingPlan>()

  /** Counts what a pending entry sends. @param events - how many, of an entry of events */
  count({ open, row }: RowPlace, { entry, output }: PendingOutput, events: number): MappingPlan {
    const plan = this.#of(output.id, output.syncName)
    plan.dataPoints += pointsOf(open, { row, entry, output, events })
    if (output.kind === 'event') plan.events += events
    else if (output.kind !== 'cohort') countAttribute(plan, open, entry)
    else if (isMember(open, row, output.column)) plan.cohortAdds++
    else plan.cohortRemovals++
    if (output.isMembership && output.isPrimary) {
      // A first "no member" takes nobody out of anything.
      const was = open.pending.heldBefore(entry, MEMBER)
      const is = isMember(open, row, output.column)
      if (is && !was) plan.additions++
      else if (was && !is) plan.removals++
    }
    return plan
  }

  #of(id: string, sync: string): MappingPlan {
    let plan = this.all.get(id)
    if (plan === undefined) {
      plan = { ...NOTHING_PLANNED, id, sync }
      this.all.set(id, plan)
    }
    return plan
  }
}

const NOTHING_PLANNED: Omit<MappingPlan, 'id' | 'sync'> = {
  users: 0,
  new: 0,
  changed: 0,
  unset: 0,
  events: 0,
  cohortAdds: 0,
  cohortRemovals: 0,
  dataPoints: 0,
  additions: 0,
  removals: 0,
}

function countAttribute(plan: MappingPlan, { pending }: OpenPartition, entry: number): void {
  const wasThere = !pending.heldBefore(entry, NOTHING) && !pending.heldBefore(entry, NO_VALUE)
  if (pending.firstByte(entry) === NULL_BYTE) plan.unset++
  else if (wasThere) plan.changed++
  else plan.new++
}

function isMember({ rows }: OpenPartition, row: number, column: number): boolean {
  return rows.slots.holds(row, column, MEMBER)
}
