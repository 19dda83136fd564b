import { FREE_ADDITIONS, FREE_REJECTED, written } from '@engage-sync/core'
import type {
  GuardLimits,
  GuardStop,
  MappingPlan,
  PlanSummary,
  RejectedCount,
} from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { streamGuards } from '../../../state/values/stream-guards.ts'
import type { StreamGuardsState } from '../../../state/values/stream-guards.ts'
import type { PutOff } from '../../delivery/index.ts'
import type { DeliveredSum } from '../../run-counters.ts'
import { ChargedBefore } from './charged-before.ts'
import { RollingBudget } from './rolling-budget.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/**
 * So much of a limit is reserved ahead, so that not every window has to make it durable first: what
 * a process that is killed had reserved counts as used.
 */
const AHEAD = 0.1
/** Counted to judge by, and no budget: nothing has to be durable before something is sent. */
const COUNTED: ReadonlySet<string> = new Set(['rejected', 'read'])
/** How often they become durable, milliseconds. */
const COUNTED_MS = 60_000

/** What a window would do. */
export interface GuardedWindow {
  readonly summary: PlanSummary
  /** Users to be forgotten. */
  readonly deletions: number
  readonly rejected: RejectedCount
  readonly nowMs: number
}

/** What decides about it. */
export interface GuardFacts {
  readonly limits: GuardLimits
  /** Members now, by mapping or segment id; not of memberships that are new. */
  readonly members: () => Promise<ReadonlyMap<string, number>>
  /** Users the state knows. */
  readonly users: () => Promise<number>
}

/** Of a window: memberships that are held alone, as `removals=<id>`; and what holds all of it. */
export interface Verdict {
  readonly frozen: ReadonlyMap<string, GuardStop>
  readonly stop: GuardStop | null
}

/** What a window would change of a membership. */
interface MembershipChange {
  readonly guard: 'removals' | 'additions'
  readonly plan: MappingPlan
  readonly nowMs: number
}

/** What a window uses, once it is let pass. */
interface Charge {
  readonly key: string
  readonly count: number
  /** How much of it was taken off before. */
  readonly before: number
  readonly nowMs: number
  /** Reserved beyond it. */
  readonly ahead: number
}

/**
 * The guards of a stream: how much of each membership may change within an hour, how many data
 * points a day may cost, how many users may be forgotten and how much rejected within an hour.
 *
 * What a window uses is reserved in the state before anything of it is sent, so that a restart
 * forgets nothing. A membership that would change too far is frozen, alone, until it is allowed.
 */
export class StreamGuards {
  readonly #budgets = new Map<string, RollingBudget>()
  readonly #frozen: Map<string, number>
  readonly #allowed: Map<string, number>
  readonly #ahead = new Map<string, number>()
  #charges: readonly Charge[] = []
  #taken: readonly Charge[] = []
  #isDirty = false
  #countedMs = -Infinity

  readonly #before: ChargedBefore

  /** @param before - what was taken off already for what is planned again */
  constructor({ budgets, frozen, allowed }: StreamGuardsState, before = new ChargedBefore()) {
    this.#before = before
    this.#frozen = new Map(frozen)
    this.#allowed = new Map(allowed)
    for (const [key, spans] of budgets)
      this.#budgets.set(key, new RollingBudget(lastsMs(key), spans))
  }

  /** Since when each is frozen, milliseconds since the epoch; by `removals=<id>`. */
  get frozen(): ReadonlyMap<string, number> {
    return this.#frozen
  }

  /** Judges what a window would do. Nothing is used of it before it is taken. */
  async judge(window: GuardedWindow, facts: GuardFacts): Promise<Verdict> {
    this.#charges = []
    const { limits } = facts
    const stop =
      (await this.#deletions(window, facts)) ??
      this.#rejected(window, limits) ??
      this.#dataPoints(window, limits)
    const frozen = new Map<string, GuardStop>()
    for (const plan of window.summary.mappings.values())
      for (const guard of ['removals', 'additions'] as const) {
        if (plan[guard] === 0) continue
        const found = await this.#membership({ guard, plan, nowMs: window.nowMs }, facts)
        if (found !== null) frozen.set(found.allow, found)
      }
    return { frozen, stop }
  }

  /** Takes what the window that was judged last uses off the budgets. */
  take(): void {
    for (const { key, count, before, nowMs, ahead } of this.#charges) {
      this.#before.take(key, before)
      if (count > before) this.#budgetOf(key).use(count - before, nowMs)
      this.#ahead.set(key, ahead)
    }
    this.#taken = this.#charges
    this.#charges = []
  }

  /** What was let pass did not come about, and is about to be judged once more: it costs nothing then. */
  putOff(changes: readonly PutOff[], nowMs: number): void {
    for (const { guards, dataPoints } of changes) {
      const charged = guards.filter((guard) => !this.#isAllowed(guard, nowMs))
      this.#before.add({ guards: charged, dataPoints }, nowMs)
    }
  }

  /** Of what was taken last, so much came about: the rest is judged once more, and costs nothing then. */
  leave({ mappings, mostDataPoints }: DeliveredSum, nowMs: number): void {
    for (const { key, count } of this.#taken) {
      const [guard = '', id = ''] = key.split('=', 2)
      const done = mappings.get(id)
      if (guard === 'data_points') this.#before.addTo(key, count - mostDataPoints, nowMs)
      if (guard === 'removals') this.#before.addTo(key, count - (done?.removals ?? 0), nowMs)
      if (guard === 'additions') this.#before.addTo(key, count - (done?.additions ?? 0), nowMs)
    }
    this.#taken = []
  }

  /** Holds memberships from now on, by `removals=<id>`. */
  freeze(keys: Iterable<string>, nowMs: number): void {
    for (const key of keys) {
      if (this.#frozen.has(key)) continue
      this.#frozen.set(key, nowMs)
      this.#isDirty = true
    }
  }

  /** What is to be durable before anything is sent; none where it is. */
  takeReserved(): readonly StoredValue[] {
    for (const [key, budget] of this.#budgets)
      if (!COUNTED.has(key) && !budget.isCovered) this.#isDirty = true
    return this.#stored((key) => this.#ahead.get(key) ?? 0)
  }

  /** What is to be durable with the window that was taken, now and then. */
  takeCounted(nowMs: number): readonly StoredValue[] {
    const isCounted = [...COUNTED].some((key) => this.#budgets.get(key)?.isCovered === false)
    if (!isCounted || Math.abs(nowMs - this.#countedMs) < COUNTED_MS) return []
    this.#countedMs = nowMs
    this.#isDirty = true
    return this.takeReserved()
  }

  /** What is to be stored at the end: nothing is reserved any more. */
  takeUsed(): readonly StoredValue[] {
    if ([...this.#budgets.values()].some((budget) => !budget.isExact)) this.#isDirty = true
    return this.#stored(() => 0)
  }

  /**
   * Lets a guard pass until its time is over, which begins now. Returns what is not frozen any more.
   *
   * @param held - what is held beside that, for a request that names no membership
   */
  allow(request: string, nowMs: number, held: readonly string[] = []): readonly string[] {
    const [guard = '', id = '*'] = request.split('=', 2)
    const isMembership = guard === 'removals' || guard === 'additions'
    const all = [...this.#frozen.keys(), ...held].filter((key) => key.startsWith(`${guard}=`))
    const keys = !isMembership ? [guard] : id === '*' ? all : [request]
    const thawed = keys.filter((key) => this.#frozen.delete(key))
    for (const key of keys) {
      this.#budgets.delete(key)
      this.#before.forget(key)
      this.#allowed.set(key, nowMs + lastsMs(key))
    }
    if (guard === 'rejected') this.#budgets.delete('read')
    this.#isDirty = true
    return thawed
  }

  #stored(aheadOf: (key: string) => number): readonly StoredValue[] {
    if (!this.#isDirty) return []
    this.#isDirty = false
    const budgets = [...this.#budgets]
      .filter(([, budget]) => !budget.isEmpty)
      .map(([key, budget]) => [key, budget.reserve(aheadOf(key))] as const)
    const [frozen, allowed] = [this.#frozen, this.#allowed]
    return [streamGuards.stored({ budgets: new Map(budgets), frozen, allowed })]
  }

  async #membership(asked: MembershipChange, facts: GuardFacts): Promise<GuardStop | null> {
    const { guard, plan, nowMs } = asked
    const key = `${guard}=${plan.id}`
    const found = { guard, subject: plan.id, planned: plan[guard], members: null, allow: key }
    if (this.#frozen.has(key))
      return { ...found, limit: 0, message: `${plan.id} is frozen by max_${guard}` }
    if (this.#isAllowed(key, nowMs) || (await this.#isNew(key, asked, facts))) return null
    const { minRemovals, maxRemovals, maxAdditions } = facts.limits
    const [free, share] =
      guard === 'removals' ? [minRemovals, maxRemovals] : [FREE_ADDITIONS, maxAdditions]
    const used = this.#usedWith(key, plan[guard], nowMs)
    if (used > free) {
      const members = await this.#membersBefore(plan.id, nowMs, facts)
      const limit = Math.max(free, Math.floor(share * members))
      if (used > limit) {
        const verb = guard === 'removals' ? 'lose' : 'gain'
        const message = `${plan.id} would ${verb} ${written(used)} members within an hour; it had ${written(members)}, and max_${guard} allows ${written(limit)}`
        return { ...found, planned: used, limit, members, message }
      }
    }
    this.#charge(key, { count: plan[guard], nowMs, limit: free })
    return null
  }

  /** A membership without members may gain as many as come within the hour. */
  async #isNew(
    key: string,
    { guard, plan, nowMs }: MembershipChange,
    { members }: GuardFacts,
  ): Promise<boolean> {
    if (guard === 'removals' || this.#usedOf(key, nowMs) > 0) return false
    if (((await members()).get(plan.id) ?? 0) > 0) return false
    this.#allowed.set(key, nowMs + HOUR_MS)
    this.#isDirty = true
    return true
  }

  /** Members an hour ago: those of now, without what the hour added, with what it removed. */
  async #membersBefore(id: string, nowMs: number, { members }: GuardFacts): Promise<number> {
    const now = (await members()).get(id) ?? 0
    const removed = this.#usedOf(`removals=${id}`, nowMs)
    return Math.max(0, now + removed - this.#usedOf(`additions=${id}`, nowMs))
  }

  #dataPoints({ summary, nowMs }: GuardedWindow, { maxDataPoints: limit }: GuardLimits) {
    const { dataPoints } = summary
    if (limit === null || dataPoints === 0 || this.#isAllowed('data_points', nowMs)) return null
    const planned = this.#usedWith('data_points', dataPoints, nowMs)
    if (planned > limit) {
      const message = `${written(planned)} data points would be used within a day; max_data_points is ${written(limit)}`
      return stopOf('data_points', { planned, limit, message })
    }
    this.#charge('data_points', { count: dataPoints, nowMs, limit })
    return null
  }

  #rejected({ rejected, nowMs }: GuardedWindow, { maxRejected = null }: GuardLimits) {
    if (maxRejected === null || rejected.of === 0 || this.#isAllowed('rejected', nowMs)) return null
    const planned = this.#usedOf('rejected', nowMs) + rejected.count
    const of = this.#usedOf('read', nowMs) + rejected.of
    const limit = Math.floor(maxRejected * of)
    if (rejected.count > 0 && planned > Math.max(FREE_REJECTED, limit)) {
      const message = `${written(planned)} of ${written(of)} values of an hour cannot be used; max_rejected allows ${written(limit)}`
      return stopOf('rejected', { planned, limit, message })
    }
    if (rejected.count > 0) this.#charge('rejected', { count: rejected.count, nowMs, limit: 0 })
    this.#charge('read', { count: rejected.of, nowMs, limit: 0 })
    return null
  }

  async #deletions(window: GuardedWindow, facts: GuardFacts): Promise<GuardStop | null> {
    const { deletions: count, nowMs } = window
    if (count === 0 || this.#isAllowed('deletions', nowMs)) return null
    const { minRemovals, maxRemovals } = facts.limits
    const planned = this.#usedWith('deletions', count, nowMs)
    if (planned > minRemovals) {
      const limit = Math.max(minRemovals, Math.floor(maxRemovals * (await facts.users())))
      const message = `${written(planned)} users would be forgotten within an hour; max_removals allows ${written(limit)}`
      if (planned > limit) return stopOf('deletions', { planned, limit, message })
    }
    this.#charge('deletions', { count, nowMs, limit: minRemovals })
    return null
  }

  #charge(
    key: string,
    { count, nowMs, limit }: Pick<Charge, 'count' | 'nowMs'> & { readonly limit: number },
  ): void {
    const before = Math.min(count, this.#before.of(key, nowMs))
    const ahead = Math.floor(limit * AHEAD)
    this.#charges = [...this.#charges, { key, count, before, nowMs, ahead }]
  }

  #usedOf(key: string, nowMs: number): number {
    return this.#budgets.get(key)?.usedBy(nowMs) ?? 0
  }

  /** How much would be used with so much more, of which some may have been taken off before. */
  #usedWith(key: string, count: number, nowMs: number): number {
    return this.#usedOf(key, nowMs) + Math.max(0, count - this.#before.of(key, nowMs))
  }

  #budgetOf(key: string): RollingBudget {
    const budget = this.#budgets.get(key) ?? new RollingBudget(lastsMs(key))
    this.#budgets.set(key, budget)
    return budget
  }

  #isAllowed(key: string, nowMs: number): boolean {
    const untilMs = this.#allowed.get(key)
    if (untilMs === undefined) return false
    if (nowMs < untilMs) return true
    this.#allowed.delete(key)
    return false
  }
}

/** How long a guard's time is, milliseconds. */
function lastsMs(key: string): number {
  return key === 'data_points' ? DAY_MS : HOUR_MS
}

function stopOf(
  guard: Exclude<GuardStop['guard'], 'removals' | 'additions'>,
  found: Pick<GuardStop, 'planned' | 'limit' | 'message'>,
): GuardStop {
  return { ...found, guard, subject: null, members: null, allow: guard }
}
