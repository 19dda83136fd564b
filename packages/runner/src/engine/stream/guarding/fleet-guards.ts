import { setTimeout as sleepFor } from 'node:timers/promises'
import type { GuardLimits, MappingPlan } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { allowRequests, streamGuards } from '../../../state/values/stream-guards.ts'
import type { Reservations, StreamGuardsState } from '../../../state/values/stream-guards.ts'
import type { PutOff } from '../../delivery/index.ts'
import type { SharedState } from '../terms/index.ts'
import { allowInBook, askBook, isUsable, isWanted, tidyBook } from './ask-book.ts'
import { Budgets } from './budgets.ts'
import type { Answer } from './ask-book.ts'
import type { ChargedBefore } from './charged-before.ts'
import type { GuardedWindow, GuardFacts, Guards, Released, Verdict } from './guarded-window.ts'
import type { Charge } from './charge.ts'
import type { KnownFacts } from './judge-window.ts'

/** How often it is looked what others froze, and somebody allowed, milliseconds. */
const LOOK_MS = 500
/** How long others have to give back what they have reserved, and how often it is asked anew, milliseconds. */
const PATIENCE_MS = 5000
const ASKED_MS = 50

/** A clock that nobody sets, milliseconds, and waiting by it. */
interface Time {
  now(): number
  wait(ms: number): Promise<unknown>
}

const REAL: Time = { now: () => performance.now(), wait: (ms) => sleepFor(ms) }

const NOTHING_HELD: Verdict = { frozen: new Map(), stop: null }

/** What is done with the book of all workers; the state is null where it stays as it is. */
type BookChange<Result> = (
  state: StreamGuardsState,
  nowMs: number,
) => { readonly state: StreamGuardsState | null; readonly result: Result }

/**
 * The guards of a stream that several workers share: their budgets are one, in a value of the state
 * that each changes in turn, by the store's clock.
 *
 * What a window uses is reserved there before anything of it is sent, and some more, so that not
 * every window has to ask. What a worker that is killed had reserved counts as used. Where what
 * others have reserved stands in the way, they are asked to give it back, and the window waits.
 */
export class FleetGuards implements Guards {
  readonly #shared: SharedState
  readonly #before: ChargedBefore
  readonly #time: Time
  readonly #freezes: boolean
  #state: StreamGuardsState
  #budgets: Budgets
  /** The store's clock, when it was asked last, and that of this process then. */
  #clock: { readonly storeMs: number; readonly at: number }
  #own: Reservations = new Map()
  /** Values that were read, and not told of yet. */
  #read = 0
  #charges: readonly Charge[] = []
  #lookedAt = -Infinity

  private constructor(
    shared: SharedState,
    before: ChargedBefore,
    seen: {
      readonly state: StreamGuardsState
      readonly storeMs: number
      readonly freezes: boolean
      readonly time: Time
    },
  ) {
    this.#time = seen.time
    this.#freezes = seen.freezes
    this.#shared = shared
    this.#before = before
    this.#state = seen.state
    this.#budgets = new Budgets(seen.state)
    this.#clock = { storeMs: seen.storeMs, at: this.#time.now() }
  }

  /**
   * @param before - what was taken off already for what is planned again
   * @param how - `freezes`: whether what goes too far is frozen. Default true
   */
  static async open(
    shared: SharedState,
    before: ChargedBefore,
    how: { readonly freezes?: boolean; readonly time?: Time } = {},
  ): Promise<FleetGuards> {
    const seen = await shared.changeValue(streamGuards.key, (value, storeMs) => ({
      value: null,
      result: { state: streamGuards.of(value), storeMs },
    }))
    const { freezes = true, time = REAL } = how
    return new FleetGuards(shared, before, { ...seen, freezes, time })
  }

  /** What was judged last, of what is let pass. */
  get charges(): readonly Charge[] {
    return this.#charges
  }

  get frozen(): ReadonlyMap<string, number> {
    return this.#state.frozen
  }

  async judge(window: GuardedWindow, asked: GuardFacts): Promise<Verdict> {
    const covered = this.#covered(window, asked.limits)
    if (covered !== null) {
      this.#charges = covered
      return NOTHING_HELD
    }
    let facts: KnownFacts = { limits: asked.limits, users: null, members: null }
    const endsAt = this.#time.now() + PATIENCE_MS
    for (;;) {
      const isFinal = this.#time.now() >= endsAt
      const answer = await this.#ask({ window, facts, isFinal })
      if (answer.kind === 'wait') await this.#time.wait(ASKED_MS)
      else if (answer.kind === 'judged') return answer
      else if (answer.needs === 'users') facts = { ...facts, users: await asked.users() }
      else {
        const members = await asked.members()
        const anHourAgo = (id: string) => members.get(id) ?? 0
        facts = { ...facts, members: { anHourAgo, isEmpty: (id) => anHourAgo(id) === 0 } }
      }
    }
  }

  take(): void {
    const own = new Map(this.#own)
    for (const { key, count, before } of this.#charges) {
      this.#before.take(key, before)
      if (key === 'read') this.#read += count
      const reserved = own.get(key)
      if (reserved !== undefined) own.set(key, [reserved[0], reserved[1] - (count - before)])
    }
    this.#own = own
  }

  /** They were frozen for all, when they were judged. */
  freeze(): void {}

  putOff(changes: readonly PutOff[], nowMs: number): void {
    this.#before.addAll(changes, nowMs, this.isAllowed)
  }

  readonly isAllowed = (key: string): boolean => this.#budgets.isAllowed(key, this.#nowMs)

  /** It was durable when it was let pass. */
  takeReserved(): readonly StoredValue[] {
    return []
  }

  takeCounted(): readonly StoredValue[] {
    return []
  }

  async look(_: number, held: ReadonlySet<string>): Promise<Released> {
    if (this.#time.now() - this.#lookedAt < LOOK_MS) return { thawed: [], values: [] }
    this.#lookedAt = this.#time.now()
    await this.#tidy()
    const mayBeAllowed = this.frozen.size > 0 || held.size > 0
    const asked = mayBeAllowed ? await allowRequests.readAll(this.#shared.whole) : new Map()
    const requests = [...asked.keys()]
    if (requests.length > 0) {
      await allowShared(this.#shared, requests, held)
      for (const key of held) this.#before.forget(key)
      await this.#tidy()
    }
    const thawed = [...held].filter((key) => !this.frozen.has(key))
    return { thawed, values: requests.map((request) => allowRequests.cleared(request)) }
  }

  async end(): Promise<readonly StoredValue[]> {
    const giveBack: BookChange<Reservations> = (state, nowMs) =>
      tidyBook(state, nowMs, { ...this.#book, isEnd: true })
    // What cannot be given back counts as used.
    await this.#change(giveBack).catch(() => null)
    this.#own = new Map()
    this.#read = 0
    return []
  }

  /** What a window uses, where it is nothing that others have to be asked about; null otherwise. */
  #covered(window: GuardedWindow, limits: GuardLimits): readonly Charge[] | null {
    const { summary, deletions, rejected, nowMs } = window
    const isJudged = limits.maxRejected !== null && limits.maxRejected !== undefined
    if (isJudged && rejected.count > 0) return null
    const uses = [
      ...[...summary.mappings.values()].flatMap(usesOf),
      ['deletions', deletions] as const,
      ['data_points', limits.maxDataPoints === null ? 0 : summary.dataPoints] as const,
    ]
    const charges: Charge[] = []
    for (const [key, count] of uses) {
      if (count === 0) continue
      if (this.frozen.has(key)) return null
      if (this.isAllowed(key)) continue
      const before = Math.min(count, this.#before.of(key, nowMs))
      if (count - before > this.#reservedOf(key)) return null
      charges.push({ key, count, before, nowMs, limit: 0, ahead: 0 })
    }
    if (isJudged && rejected.of > 0)
      charges.push({ key: 'read', count: rejected.of, before: 0, nowMs, limit: 0, ahead: 0 })
    return charges
  }

  #reservedOf(key: string): number {
    const reserved = this.#own.get(key)
    if (reserved === undefined || !isUsable(key, reserved, this.#nowMs)) return 0
    return isWanted(this.#state, key, this.#nowMs) ? 0 : reserved[1]
  }

  async #ask(asked: {
    readonly window: GuardedWindow
    readonly facts: KnownFacts
    readonly isFinal: boolean
  }): Promise<Answer> {
    const beforeOf = (key: string) => this.#before.of(key, asked.window.nowMs)
    const answer = await this.#change((state, nowMs) =>
      askBook(state, nowMs, { ...asked, ...this.#book, beforeOf, freezes: this.#freezes }),
    )
    if (answer.kind !== 'judged') return answer
    this.#own = answer.own
    this.#read = 0
    // It is told already.
    this.#charges = answer.charges.filter(({ key }) => key !== 'read')
    return answer
  }

  async #tidy(): Promise<void> {
    this.#own = await this.#change((state, nowMs) => tidyBook(state, nowMs, this.#book))
    this.#read = 0
  }

  get #book() {
    const counted = new Map([['read', this.#read]])
    return { worker: this.#shared.worker, own: this.#own, counted }
  }

  async #change<Result>(change: BookChange<Result>): Promise<Result> {
    const startedAt = this.#time.now()
    const { state, nowMs, result } = await changeBook(this.#shared, change)
    this.#state = state
    this.#budgets = new Budgets(state)
    this.#clock = { storeMs: nowMs, at: startedAt }
    return result
  }

  get #nowMs(): number {
    return this.#clock.storeMs + this.#time.now() - this.#clock.at
  }
}

/** Lets guards pass, for all workers. @param held - what is held beside what is frozen */
export async function allowShared(
  shared: SharedState,
  requests: readonly string[],
  held: Iterable<string>,
): Promise<void> {
  await changeBook(shared, (before, nowMs) => ({
    state: allowInBook(before, nowMs, { requests, held }),
    result: null,
  }))
}

/** Which of some guards are allowed now. */
export async function allowedOf(
  shared: SharedState,
  guards: readonly string[],
): Promise<readonly string[]> {
  const { state, nowMs } = await changeBook(shared, () => ({ state: null, result: null }))
  const budgets = new Budgets(state)
  return guards.filter((guard) => budgets.isAllowed(guard, nowMs))
}

/** Changes the book of all workers. */
async function changeBook<Result>(
  { changeValue }: SharedState,
  change: BookChange<Result>,
): Promise<{
  readonly state: StreamGuardsState
  readonly nowMs: number
  readonly result: Result
}> {
  return await changeValue(streamGuards.key, (value, nowMs) => {
    const before = streamGuards.of(value)
    const { state, result } = change(before, nowMs)
    return {
      value: state === null ? null : streamGuards.stored(state).value,
      result: { state: state ?? before, nowMs, result },
    }
  })
}

function usesOf({ id, removals, additions }: MappingPlan) {
  return [
    [`removals=${id}`, removals],
    [`additions=${id}`, additions],
  ] as const
}
