import { written } from '@engage-sync/core'
import type { Cause, GuardLimits, PlanSummary } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { GuardBudget, StreamGuardsState } from '../../../state/values/stream-guards.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Fewer additions an hour than this are never held. */
const FREE_ADDITIONS = 1000
/**
 * So much of a limit is reserved ahead, so that not every window has to make it durable first: what
 * a process that is killed had reserved counts as used.
 */
const AHEAD = 0.1

/** What a window would do. */
export interface GuardedWindow {
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly nowMs: number
}

/** What decides about it. */
export interface GuardFacts {
  readonly limits: GuardLimits
  /** Members now, by mapping or segment id. */
  readonly members: () => Promise<ReadonlyMap<string, number>>
  /** Users the state knows. */
  readonly users: () => Promise<number>
}

/** Of a window: memberships that are held, as `removals=<id>`; and what holds all of it. */
export interface Verdict {
  readonly frozen: ReadonlySet<string>
  readonly stop: { readonly cause: Cause; readonly allow: string } | null
}

interface Budget {
  sinceMs: number
  used: number
  /** What of it is durable. */
  reserved: number
  /** Reserved beyond what is used. */
  ahead: number
  isAllowed: boolean
  /** Members when its time began; null until it is asked for. */
  members: number | null
}

/**
 * The guards of a stream: how much of each membership may change in an hour, how many data points a
 * day may cost, how many users may be forgotten in an hour.
 *
 * What a window uses is reserved in the state before anything of it is sent, so that a restart
 * forgets nothing. A membership that would change too far is frozen, alone, until it is allowed.
 */
export class StreamGuards {
  readonly #budgets = new Map<string, Budget>()
  readonly #frozen: Map<string, number>
  #isDirty = false

  constructor({ budgets, frozen }: StreamGuardsState) {
    this.#frozen = new Map(frozen)
    for (const [guard, { sinceMs, used, isAllowed }] of budgets)
      this.#budgets.set(guard, {
        sinceMs,
        used,
        reserved: used,
        ahead: 0,
        isAllowed,
        members: null,
      })
  }

  /** Since when each is frozen, milliseconds since the epoch; by `removals=<id>`. */
  get frozen(): ReadonlyMap<string, number> {
    return this.#frozen
  }

  /** Judges a window, and takes what it uses off the budgets, unless all of it is held. */
  async judge(window: GuardedWindow, facts: GuardFacts): Promise<Verdict> {
    const stop = (await this.#deletions(window, facts)) ?? this.#dataPoints(window, facts.limits)
    if (stop !== null) return { frozen: new Set(), stop }
    const frozen = new Set<string>()
    for (const plan of window.summary.mappings.values())
      for (const guard of ['removals', 'additions'] as const) {
        const asked = { guard, id: plan.id, count: plan[guard], nowMs: window.nowMs }
        if (plan[guard] > 0 && !(await this.#takes(asked, facts))) frozen.add(`${guard}=${plan.id}`)
      }
    return { frozen, stop: null }
  }

  /** What is to be durable before anything is sent; none where it is. */
  takeReserved(): readonly StoredValue[] {
    for (const budget of this.#budgets.values()) {
      if (budget.used <= budget.reserved) continue
      budget.reserved = budget.used + budget.ahead
      this.#isDirty = true
    }
    return this.#stored()
  }

  /** What is to be stored at the end: nothing is reserved any more. */
  takeUsed(): readonly StoredValue[] {
    for (const budget of this.#budgets.values()) {
      if (budget.used === budget.reserved) continue
      budget.reserved = budget.used
      this.#isDirty = true
    }
    return this.#stored()
  }

  #stored(): readonly StoredValue[] {
    if (!this.#isDirty) return []
    this.#isDirty = false
    const budgets = new Map<string, GuardBudget>(
      [...this.#budgets].map(([guard, { sinceMs, reserved: used, isAllowed }]) => [
        guard,
        { sinceMs, used, isAllowed },
      ]),
    )
    return [streamGuards.stored({ budgets, frozen: this.#frozen })]
  }

  /** Lets a guard pass until its time is over, which begins now. Returns what is not frozen any more. */
  allow(request: string, nowMs: number): readonly string[] {
    const [guard = '', id = '*'] = request.split('=', 2)
    const isMeant = (key: string) =>
      key === request || key === guard || (id === '*' && key.startsWith(`${guard}=`))
    const thawed = [...this.#frozen.keys()].filter(isMeant)
    const named = guard === 'removals' || guard === 'additions' ? thawed : [guard]
    for (const key of named) {
      this.#frozen.delete(key)
      this.#budgets.set(key, {
        sinceMs: nowMs,
        used: 0,
        reserved: 0,
        ahead: 0,
        isAllowed: true,
        members: null,
      })
    }
    this.#isDirty = true
    return thawed
  }

  async #takes(
    asked: {
      readonly guard: 'removals' | 'additions'
      readonly id: string
      readonly count: number
      readonly nowMs: number
    },
    facts: GuardFacts,
  ): Promise<boolean> {
    const { guard, id, count, nowMs } = asked
    const key = `${guard}=${id}`
    if (this.#frozen.has(key)) return false
    const { minRemovals, maxRemovals, maxAdditions } = facts.limits
    const [free, share] =
      guard === 'removals' ? [minRemovals, maxRemovals] : [FREE_ADDITIONS, maxAdditions]
    const budget = this.#budgetOf(key, { nowMs, lastsMs: HOUR_MS, limit: free })
    const used = budget.used + count
    if (!budget.isAllowed && used > free) {
      budget.members ??= (await facts.members()).get(id) ?? 0
      const isNew = guard === 'additions' && budget.members === 0
      if (!isNew && used > Math.max(free, Math.floor(share * budget.members))) {
        this.#frozen.set(key, nowMs)
        this.#isDirty = true
        return false
      }
    }
    budget.used = used
    return true
  }

  #dataPoints({ summary, nowMs }: GuardedWindow, { maxDataPoints }: GuardLimits): Verdict['stop'] {
    if (maxDataPoints === null || summary.dataPoints === 0) return null
    const budget = this.#budgetOf('data_points', { nowMs, lastsMs: DAY_MS, limit: maxDataPoints })
    const used = budget.used + summary.dataPoints
    if (budget.isAllowed || used <= maxDataPoints) {
      budget.used = used
      return null
    }
    const message = `${written(used)} data points would be used within a day; max_data_points is ${written(maxDataPoints)}`
    return stopOf('data_points', message)
  }

  async #deletions(window: GuardedWindow, facts: GuardFacts): Promise<Verdict['stop']> {
    const { deletions, nowMs } = window
    if (deletions === 0) return null
    const { minRemovals, maxRemovals } = facts.limits
    const lasts = { nowMs, lastsMs: HOUR_MS, limit: minRemovals }
    const budget = this.#budgetOf('deletions', lasts)
    const used = budget.used + deletions
    if (!budget.isAllowed && used > minRemovals) {
      budget.members ??= await facts.users()
      const limit = Math.max(minRemovals, Math.floor(maxRemovals * budget.members))
      if (used > limit) {
        const message = `${written(used)} users would be forgotten within an hour; max_removals allows ${written(limit)}`
        return stopOf('deletions', message)
      }
    }
    budget.used = used
    return null
  }

  #budgetOf(
    key: string,
    time: { readonly nowMs: number; readonly lastsMs: number; readonly limit: number },
  ): Budget {
    const { nowMs, lastsMs, limit } = time
    const ahead = Math.floor(limit * AHEAD)
    const known = this.#budgets.get(key)
    if (known !== undefined && nowMs >= known.sinceMs && nowMs < known.sinceMs + lastsMs) {
      known.ahead = ahead
      return known
    }
    const unused = { used: 0, reserved: 0, ahead, isAllowed: false, members: null }
    const budget: Budget = { sinceMs: nowMs, ...unused }
    this.#budgets.set(key, budget)
    return budget
  }
}

function stopOf(allow: string, message: string): Verdict['stop'] {
  const hint = `Everything waits, and nothing is lost. If it is meant: engage-sync allow ${allow}`
  return { allow, cause: { code: 'GUARD_STOPPED', message, hint, place: null } }
}
