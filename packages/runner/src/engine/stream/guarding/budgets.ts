import type { StreamGuardsState, UsedSpans } from '../../../state/values/stream-guards.ts'
import { RollingBudget } from './rolling-budget.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How much of each guard was used lately, what is frozen, and what is allowed; by `removals=<id>`, `data_points` and the like. */
export class Budgets {
  readonly #used = new Map<string, RollingBudget>()
  readonly frozen: Map<string, number>
  readonly #allowed: Map<string, number>

  constructor({ budgets, frozen, allowed }: StreamGuardsState) {
    this.frozen = new Map(frozen)
    this.#allowed = new Map(allowed)
    for (const [key, spans] of budgets) this.#used.set(key, new RollingBudget(lastsMs(key), spans))
  }

  /** What was used of each. */
  get all(): ReadonlyMap<string, RollingBudget> {
    return this.#used
  }

  usedOf(key: string, nowMs: number): number {
    return this.#used.get(key)?.usedBy(nowMs) ?? 0
  }

  use(key: string, count: number, nowMs: number): void {
    const budget = this.#used.get(key) ?? new RollingBudget(lastsMs(key))
    this.#used.set(key, budget)
    budget.use(count, nowMs)
  }

  /** Takes back what was used of a guard in a span. */
  giveBack(key: string, [span, count]: readonly [span: number, count: number]): void {
    this.#used.get(key)?.giveBack(span, count)
  }

  /** Holds memberships from now on. Whether any was not held before. */
  freeze(keys: Iterable<string>, nowMs: number): boolean {
    const added = [...keys].filter((key) => !this.frozen.has(key))
    for (const key of added) this.frozen.set(key, nowMs)
    return added.length > 0
  }

  isAllowed(key: string, nowMs: number): boolean {
    const untilMs = this.#allowed.get(key)
    return untilMs !== undefined && nowMs < untilMs
  }

  /** Whether it was allowed within an hour that ends now: what changed meanwhile was not counted. */
  wasAllowed(key: string, nowMs: number): boolean {
    return this.isAllowed(key, nowMs - HOUR_MS)
  }

  /** Lets a guard pass until its time is over, which begins now. */
  pass(key: string, nowMs: number): void {
    this.#allowed.set(key, nowMs + lastsMs(key))
  }

  /**
   * The same for what somebody asks for. Returns what holds nothing any more.
   *
   * @param held - what is held beside what is frozen, for a request that names no membership
   */
  allow(request: string, nowMs: number, held: Iterable<string>): readonly string[] {
    const [guard = '', id = '*'] = request.split('=', 2)
    const isMembership = guard === 'removals' || guard === 'additions'
    const all = [...new Set([...this.frozen.keys(), ...held])]
    const ofGuard = all.filter((key) => key.startsWith(`${guard}=`))
    const keys = !isMembership ? [guard] : id === '*' ? ofGuard : [request]
    for (const key of keys) {
      this.frozen.delete(key)
      this.#used.delete(key)
      this.pass(key, nowMs)
    }
    if (guard === 'rejected') this.#used.delete('read')
    return keys
  }

  /** As it is kept. @param spansOf - what of a budget is to be durable. Default: what was used */
  state(
    nowMs: number,
    spansOf: (key: string, budget: RollingBudget) => UsedSpans = (_, budget) => budget.reserve(0),
  ): StreamGuardsState {
    const budgets = [...this.#used]
      .filter(([, budget]) => !budget.isEmpty)
      .map(([key, budget]) => [key, spansOf(key, budget)] as const)
    const allowed = [...this.#allowed].filter(([key]) => this.wasAllowed(key, nowMs))
    return { budgets: new Map(budgets), frozen: this.frozen, allowed: new Map(allowed) }
  }
}

/** How long a guard's time is, milliseconds. */
export function lastsMs(key: string): number {
  return key === 'data_points' ? DAY_MS : HOUR_MS
}
