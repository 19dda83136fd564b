import { Directory } from './directory.ts'
import { DropLog } from './drops.ts'
import { noPoints } from './ledger.ts'
import type { Points } from './ledger.ts'
import type { User } from './user.ts'

/** Type of a custom attribute, fixed by its first value. */
export type AttributeType =
  'boolean' | 'number' | 'string' | 'time' | 'array' | 'object' | 'object_array'

/** A cohort of a partner. */
export interface Cohort {
  readonly id: string
  /** Null until the partner has named it. */
  name: string | null
  createdAt: string | null
  readonly members: Set<User>
}

/** Everything one Braze workspace holds. */
export class Workspace {
  directory = new Directory()
  readonly types = new Map<string, AttributeType>()
  readonly cohorts = new Map<string, Cohort>()
  readonly points: Points = noPoints()
  readonly drops = new DropLog()
  /** Objects written since the start, by array. */
  readonly written = { attributes: 0, events: 0, purchases: 0 }

  /** The cohort of an id, made if need be. */
  cohort(id: string): Cohort {
    const known = this.cohorts.get(id)
    if (known !== undefined) return known
    const cohort: Cohort = { id, name: null, createdAt: null, members: new Set() }
    this.cohorts.set(id, cohort)
    return cohort
  }

  /** Puts a user into a cohort, or takes it out. */
  setMember(cohort: Cohort, user: User, isMember: boolean): void {
    if (isMember) {
      cohort.members.add(user)
      user.cohorts.add(cohort.id)
      return
    }
    cohort.members.delete(user)
    user.cohorts.delete(cohort.id)
  }

  /** Removes a user with its memberships. */
  removeUser(user: User): void {
    for (const id of user.cohorts) this.cohorts.get(id)?.members.delete(user)
    this.directory.remove(user)
  }
}
