import type { StateStore } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { allowRequests, streamGuards } from '../../../state/values/stream-guards.ts'
import type { StreamGuardsState } from '../../../state/values/stream-guards.ts'
import type { PutOff } from '../../delivery/index.ts'
import { Budgets } from './budgets.ts'
import { ChargedBefore } from './charged-before.ts'
import type { GuardedWindow, GuardFacts, Guards, Released, Verdict } from './guarded-window.ts'
import { judgeWindow } from './judge-window.ts'
import type { Charge } from './charge.ts'
import type { KnownFacts, KnownMembers } from './judge-window.ts'

/** Counted to judge by, and no budget: nothing has to be durable before something is sent. */
const COUNTED: ReadonlySet<string> = new Set(['rejected', 'read'])
/** How often they become durable, milliseconds. */
const COUNTED_MS = 60_000

/**
 * The guards of a stream that one process works on alone: how much of each membership may change
 * within an hour, how many data points a day may cost, how many users may be forgotten and how much
 * rejected within an hour.
 *
 * What a window uses is reserved in the state before anything of it is sent, so that a restart
 * forgets nothing. A membership that would change too far is frozen, alone, until it is allowed.
 */
export class StreamGuards implements Guards {
  readonly #budgets: Budgets
  readonly #before: ChargedBefore
  readonly #ahead = new Map<string, number>()
  #charges: readonly Charge[] = []
  #isDirty = false
  #countedMs = -Infinity
  #nowMs = 0
  readonly #store: Pick<StateStore, 'values'> | null

  /**
   * @param before - what was taken off already for what is planned again
   * @param store - where it is looked what somebody let pass; null: nowhere
   */
  constructor(
    state: StreamGuardsState,
    before = new ChargedBefore(),
    store: Pick<StateStore, 'values'> | null = null,
  ) {
    this.#budgets = new Budgets(state)
    this.#before = before
    this.#store = store
  }

  get frozen(): ReadonlyMap<string, number> {
    return this.#budgets.frozen
  }

  /** What was judged last, of what is let pass. */
  get charges(): readonly Charge[] {
    return this.#charges
  }

  async judge(window: GuardedWindow, asked: GuardFacts): Promise<Verdict> {
    const { nowMs } = window
    this.#nowMs = nowMs
    let facts: KnownFacts = { limits: asked.limits, users: null, members: null }
    for (;;) {
      const beforeOf = (key: string) => this.#before.of(key, nowMs)
      const found = judgeWindow(window, {
        budgets: this.#budgets,
        facts,
        beforeOf,
        countsNow: true,
      })
      if (found.needs === 'members')
        facts = { ...facts, members: this.#known(await asked.members(), nowMs) }
      else if (found.needs === 'users') facts = { ...facts, users: await asked.users() }
      else {
        this.#charges = found.charges
        for (const key of found.born) this.#budgets.pass(key, nowMs)
        this.#isDirty ||= found.born.length > 0
        return found
      }
    }
  }

  take(): void {
    for (const { key, count, before, nowMs, ahead } of this.#charges) {
      this.#before.take(key, before)
      if (count > before) this.#budgets.use(key, count - before, nowMs)
      this.#ahead.set(key, ahead)
    }
  }

  putOff(changes: readonly PutOff[], nowMs: number): void {
    this.#before.addAll(changes, nowMs, (guard) => this.isAllowed(guard, nowMs))
  }

  isAllowed(key: string, nowMs: number): boolean {
    return this.#budgets.isAllowed(key, nowMs)
  }

  freeze(keys: Iterable<string>, nowMs: number): void {
    if (this.#budgets.freeze(keys, nowMs)) this.#isDirty = true
  }

  takeReserved(): readonly StoredValue[] {
    for (const [key, budget] of this.#budgets.all)
      if (!COUNTED.has(key) && !budget.isCovered) this.#isDirty = true
    return this.#stored((key) => this.#ahead.get(key) ?? 0)
  }

  takeCounted(nowMs: number): readonly StoredValue[] {
    const isCounted = [...COUNTED].some((key) => this.#budgets.all.get(key)?.isCovered === false)
    if (!isCounted || Math.abs(nowMs - this.#countedMs) < COUNTED_MS) return []
    this.#countedMs = nowMs
    this.#isDirty = true
    return this.takeReserved()
  }

  /** What is to be stored at the end: nothing is reserved any more. */
  takeUsed(): readonly StoredValue[] {
    if ([...this.#budgets.all.values()].some((budget) => !budget.isExact)) this.#isDirty = true
    return this.#stored(() => 0)
  }

  async end(): Promise<readonly StoredValue[]> {
    return this.takeUsed()
  }

  async look(nowMs: number): Promise<Released> {
    if (this.frozen.size === 0 || this.#store === null) return { thawed: [], values: [] }
    const requests = [...(await allowRequests.readAll(this.#store)).keys()]
    const thawed = requests.flatMap((request) => this.allow(request, nowMs))
    const cleared = requests.map((request) => allowRequests.cleared(request))
    return { thawed, values: [...cleared, ...this.takeReserved()] }
  }

  /**
   * Lets a guard pass until its time is over, which begins now. Returns what holds nothing any more.
   *
   * @param held - what is held beside what is frozen, for a request that names no membership
   */
  allow(request: string, nowMs: number, held: readonly string[] = []): readonly string[] {
    this.#nowMs = nowMs
    const keys = this.#budgets.allow(request, nowMs, held)
    for (const key of keys) this.#before.forget(key)
    this.#isDirty = true
    return keys
  }

  #stored(aheadOf: (key: string) => number): readonly StoredValue[] {
    if (!this.#isDirty) return []
    this.#isDirty = false
    const state = this.#budgets.state(this.#nowMs, (key, budget) => budget.reserve(aheadOf(key)))
    return [streamGuards.stored(state)]
  }

  /** Members an hour ago: those of now, without what the hour added, with what it removed. */
  #known(members: ReadonlyMap<string, number>, nowMs: number): KnownMembers {
    const now = (id: string) => members.get(id) ?? 0
    return {
      anHourAgo: (id) => {
        const removed = this.#budgets.usedOf(`removals=${id}`, nowMs)
        const added = this.#budgets.usedOf(`additions=${id}`, nowMs)
        return Math.max(0, now(id) + removed - added)
      },
      isEmpty: (id) => now(id) === 0,
    }
  }
}
