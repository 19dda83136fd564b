import { FREE_ADDITIONS, FREE_REJECTED, written } from '@engage-sync/core'
import type { GuardLimits, GuardStop, MappingPlan } from '@engage-sync/core'
import type { Budgets } from './budgets.ts'
import type { Charge } from './charge.ts'
import type { GuardedWindow, Verdict } from './guarded-window.ts'

/**
 * So much of a limit is reserved ahead, so that not every window has to make it durable first: what
 * a process that is killed had reserved counts as used.
 */
const AHEAD = 0.1

/** Members by mapping or segment id. */
export interface KnownMembers {
  anHourAgo(id: string): number
  /** Whether there are none now. */
  isEmpty(id: string): boolean
}

/** What is known beside the window; null for what was not asked for yet. */
export interface KnownFacts {
  readonly limits: GuardLimits
  readonly users: number | null
  readonly members: KnownMembers | null
}

/** Against what it is judged. */
export interface JudgedBy {
  readonly budgets: Budgets
  readonly facts: KnownFacts
  /**
   * Members are known as they are now: one that has none is new. Otherwise it is by those of an hour
   * ago, and looked at once it gains more than any may.
   */
  readonly countsNow: boolean
  /** How much of a guard costs nothing. */
  readonly beforeOf: (key: string) => number
}

/** What was found; with `needs`, nothing before that is known. */
export interface Judgement extends Verdict {
  readonly charges: readonly Charge[]
  /** Memberships that had no members: what comes within their hour passes. */
  readonly born: readonly string[]
  readonly needs: 'members' | 'users' | null
}

/** Judges a window. Pure, but that budgets forget what is over. */
export function judgeWindow(window: GuardedWindow, by: JudgedBy): Judgement {
  const judging = new Judging(window, by)
  const stop = judging.deletions() ?? judging.rejected() ?? judging.dataPoints()
  const frozen = new Map<string, GuardStop>()
  for (const plan of window.summary.mappings.values())
    for (const guard of ['removals', 'additions'] as const) {
      if (plan[guard] === 0) continue
      const found = judging.membership(guard, plan)
      if (found !== null) frozen.set(found.allow, found)
    }
  const { charges, born, needs } = judging
  return { frozen, stop, charges, born, needs }
}

class Judging {
  readonly charges: Charge[] = []
  readonly born: string[] = []
  needs: Judgement['needs'] = null
  readonly #window: GuardedWindow
  readonly #by: JudgedBy

  constructor(window: GuardedWindow, by: JudgedBy) {
    this.#window = window
    this.#by = by
  }

  membership(guard: 'removals' | 'additions', plan: MappingPlan): GuardStop | null {
    const key = `${guard}=${plan.id}`
    const found = { guard, subject: plan.id, planned: plan[guard], members: null, allow: key }
    const { budgets, facts } = this.#by
    if (budgets.frozen.has(key))
      return { ...found, limit: 0, message: `${plan.id} is frozen by max_${guard}` }
    if (this.#isAllowed(key)) return null
    const { minRemovals, maxRemovals, maxAdditions } = facts.limits
    const [free, share] =
      guard === 'removals' ? [minRemovals, maxRemovals] : [FREE_ADDITIONS, maxAdditions]
    if (guard === 'additions' && this.#isNew(key, plan.id)) return this.#bear(key)
    const used = this.#usedWith(key, plan[guard])
    if (used <= free) return this.#charge(key, plan[guard], free)
    if (facts.members === null) return this.#need('members')
    const members = facts.members.anHourAgo(plan.id)
    if (guard === 'additions' && this.#wasNew(key, plan.id)) return this.#bear(key)
    const limit = Math.max(free, Math.floor(share * members))
    if (used <= limit) return this.#charge(key, plan[guard], limit)
    const verb = guard === 'removals' ? 'lose' : 'gain'
    const message = `${plan.id} would ${verb} ${written(used)} members within an hour; it had ${written(members)}, and max_${guard} allows ${written(limit)}`
    return { ...found, planned: used, limit, members, message }
  }

  dataPoints(): GuardStop | null {
    const { dataPoints } = this.#window.summary
    const limit = this.#by.facts.limits.maxDataPoints
    if (limit === null || dataPoints === 0 || this.#isAllowed('data_points')) return null
    const planned = this.#usedWith('data_points', dataPoints)
    if (planned <= limit) return this.#charge('data_points', dataPoints, limit)
    const message = `${written(planned)} data points would be used within a day; max_data_points is ${written(limit)}`
    return stopOf('data_points', { planned, limit, message })
  }

  rejected(): GuardStop | null {
    const { rejected } = this.#window
    const { maxRejected = null } = this.#by.facts.limits
    if (maxRejected === null || rejected.of === 0 || this.#isAllowed('rejected')) return null
    const planned = this.#usedOf('rejected') + rejected.count
    const of = this.#usedOf('read') + rejected.of
    const limit = Math.floor(maxRejected * of)
    if (rejected.count > 0 && planned > Math.max(FREE_REJECTED, limit)) {
      const message = `${written(planned)} of ${written(of)} values of an hour cannot be used; max_rejected allows ${written(limit)}`
      return stopOf('rejected', { planned, limit, message })
    }
    if (rejected.count > 0) this.#charge('rejected', rejected.count, 0)
    return this.#charge('read', rejected.of, 0)
  }

  deletions(): GuardStop | null {
    const { deletions: count } = this.#window
    if (count === 0 || this.#isAllowed('deletions')) return null
    const { users, limits } = this.#by.facts
    const planned = this.#usedWith('deletions', count)
    if (planned <= limits.minRemovals) return this.#charge('deletions', count, limits.minRemovals)
    if (users === null) return this.#need('users')
    const limit = Math.max(limits.minRemovals, Math.floor(limits.maxRemovals * users))
    if (planned <= limit) return this.#charge('deletions', count, limit)
    const message = `${written(planned)} users would be forgotten within an hour; max_removals allows ${written(limit)}`
    return stopOf('deletions', { planned, limit, message })
  }

  #charge(key: string, count: number, limit: number): null {
    const { nowMs } = this.#window
    const before = Math.min(count, this.#by.beforeOf(key))
    this.charges.push({ key, count, before, nowMs, limit, ahead: Math.floor(limit * AHEAD) })
    return null
  }

  /** A membership without members may gain as many as come within the hour. */
  #bear(key: string): null {
    this.born.push(key)
    return null
  }

  #isNew(key: string, id: string): boolean {
    const { countsNow, facts } = this.#by
    if (!countsNow || this.#usedOf(key) > 0) return false
    if (facts.members === null) this.#need('members')
    return facts.members?.isEmpty(id) === true
  }

  /** What changed while it was allowed counts for nothing: it is new once. */
  #wasNew(key: string, id: string): boolean {
    const { countsNow, facts, budgets } = this.#by
    if (countsNow || budgets.wasAllowed(key, this.#window.nowMs)) return false
    return facts.members?.anHourAgo(id) === 0
  }

  #need(what: 'members' | 'users'): null {
    this.needs ??= what
    return null
  }

  #isAllowed(key: string): boolean {
    return this.#by.budgets.isAllowed(key, this.#window.nowMs)
  }

  #usedOf(key: string): number {
    return this.#by.budgets.usedOf(key, this.#window.nowMs)
  }

  /** How much would be used with so much more, of which some may have been taken off before. */
  #usedWith(key: string, count: number): number {
    return this.#usedOf(key) + Math.max(0, count - this.#by.beforeOf(key))
  }
}

function stopOf(
  guard: Exclude<GuardStop['guard'], 'removals' | 'additions'>,
  found: Pick<GuardStop, 'planned' | 'limit' | 'message'>,
): GuardStop {
  return { ...found, guard, subject: null, members: null, allow: guard }
}
