import type { Reservations, StreamGuardsState } from '../../../state/values/stream-guards.ts'
import { Budgets, lastsMs } from './budgets.ts'
import type { GuardedWindow, Verdict } from './guarded-window.ts'
import { judgeWindow } from './judge-window.ts'
import type { Charge } from './charge.ts'
import type { Judgement, KnownFacts } from './judge-window.ts'
import { spanAt } from './rolling-budget.ts'

/** How long everybody is asked to give back what is reserved of a guard, milliseconds. */
const WANTED_MS = 8000
/** Rejected and read values are told, and not reserved. */
const COUNTED: ReadonlySet<string> = new Set(['rejected', 'read'])

/** What a worker knows that the book does not, or is to be told. */
export interface WorkerBook {
  readonly worker: string
  /** What it has reserved, and did not use. */
  readonly own: Reservations
  /** What it counted since it told of that, by guard. */
  readonly counted: ReadonlyMap<string, number>
}

/** A window, for all workers' budgets. */
export interface Asked extends WorkerBook {
  readonly window: GuardedWindow
  readonly facts: KnownFacts
  /** How much of a guard was taken off before. */
  readonly beforeOf: (key: string) => number
  /** What others have reserved counts as used. */
  readonly isFinal: boolean
  /** What goes too far is frozen. */
  readonly freezes: boolean
}

/** What came of it. `wait`: others were asked to give back what they have reserved. */
export type Answer =
  | { readonly kind: 'needs'; readonly needs: 'members' | 'users' }
  | { readonly kind: 'wait' }
  | ({ readonly kind: 'judged' } & Judged)

interface Judged extends Verdict {
  readonly charges: readonly Charge[]
  readonly own: Reservations
}

/** What becomes of the book; null where it stays as it is. */
interface Changed<Result> {
  readonly state: StreamGuardsState | null
  readonly result: Result
}

/**
 * Judges a window by what all workers used, and reserves what it uses: until the end of the span of
 * time it is reserved in, for whatever else this worker does then. Pure.
 *
 * @param nowMs - the store's clock
 */
export function askBook(before: StreamGuardsState, nowMs: number, asked: Asked): Changed<Answer> {
  const { state: tidied, result: own } = tidyBook(before, nowMs, asked)
  const state = tidied ?? before
  const budgets = new Budgets(state)
  const found = judged(budgets, own, { asked, nowMs })
  if (found.needs !== null) return { state: null, result: { kind: 'needs', needs: found.needs } }
  const blocked = blockedBy(found, state)
  if (blocked.length > 0 && !asked.isFinal) {
    const free = withoutOthers(state, { worker: asked.worker, nowMs })
    const isInUse = blockedBy(judged(free, own, { asked, nowMs }), state).length > 0
    if (!isInUse)
      return {
        state: { ...before, wanted: wantedBy(before, blocked, nowMs) },
        result: { kind: 'wait' },
      }
  }
  if (asked.freezes) budgets.freeze(found.frozen.keys(), nowMs)
  for (const key of found.born) budgets.pass(key, nowMs)
  const granted = found.stop === null ? grant(budgets, own, { found, state, asked, nowMs }) : own
  const charges = found.charges.map((charge) => ({
    ...charge,
    before: Math.min(charge.count, asked.beforeOf(charge.key)),
  }))
  return {
    state: kept(budgets, state, { worker: asked.worker, own: granted, nowMs }),
    result: { kind: 'judged', ...found, charges, own: granted },
  }
}

/**
 * Gives back what is reserved in a span that is over, or that others want, and tells what was
 * counted. Pure. Returns what stays reserved: nothing at the end.
 */
export function tidyBook(
  before: StreamGuardsState,
  nowMs: number,
  { worker, own, counted, isEnd = false }: WorkerBook & { readonly isEnd?: boolean },
): Changed<Reservations> {
  const left = [...own].filter(
    ([key, reserved]) => !isEnd && isUsable(key, reserved, nowMs) && !isWanted(before, key, nowMs),
  )
  const isTold = [...counted.values()].some((count) => count > 0)
  if (left.length === own.size && !isTold) return { state: null, result: own }
  const budgets = new Budgets(before)
  const stays = new Map(left)
  for (const [key, reserved] of own) if (!stays.has(key)) budgets.giveBack(key, reserved)
  for (const [key, count] of counted) if (count > 0) budgets.use(key, count, nowMs)
  return { state: kept(budgets, before, { worker, own: stays, nowMs }), result: stays }
}

/** Lets guards pass, as somebody asked. Pure. */
export function allowInBook(
  before: StreamGuardsState,
  nowMs: number,
  { requests, held }: { readonly requests: readonly string[]; readonly held: Iterable<string> },
): StreamGuardsState {
  const budgets = new Budgets(before)
  for (const request of requests) budgets.allow(request, nowMs, held)
  const { reserved, wanted } = before
  return {
    ...budgets.state(nowMs),
    ...(reserved !== undefined && { reserved }),
    ...(wanted !== undefined && { wanted }),
  }
}

/** Whether what is reserved may still be used: what counts in a former span would be free too soon. */
export function isUsable(key: string, [span]: readonly [number, number], nowMs: number): boolean {
  return span === spanAt(lastsMs(key), nowMs)
}

/** Whether everybody is to give back what is reserved of a guard. */
export function isWanted({ wanted }: StreamGuardsState, key: string, nowMs: number): boolean {
  return (wanted?.get(key) ?? -Infinity) > nowMs
}

interface Judging {
  readonly asked: Asked
  readonly nowMs: number
}

function judged(budgets: Budgets, own: Reservations, { asked, nowMs }: Judging): Judgement {
  const { window, facts } = asked
  const beforeOf = (key: string) => asked.beforeOf(key) + (own.get(key)?.[1] ?? 0)
  return judgeWindow({ ...window, nowMs }, { budgets, facts, beforeOf, countsNow: false })
}

/** What it may not do, beside what was held before. */
function blockedBy({ frozen, stop }: Verdict, before: StreamGuardsState): readonly string[] {
  const fresh = [...frozen.keys()].filter((key) => !before.frozen.has(key))
  return stop === null ? fresh : [...fresh, stop.allow]
}

/** Budgets as if the others had given back what they have reserved; what is older is a dead one's. */
function withoutOthers(
  state: StreamGuardsState,
  { worker, nowMs }: { readonly worker: string; readonly nowMs: number },
): Budgets {
  const budgets = new Budgets(state)
  for (const [other, reserved] of state.reserved ?? []) {
    if (other === worker) continue
    for (const [key, [span, count]] of reserved)
      if (span >= spanAt(lastsMs(key), nowMs) - 1) budgets.giveBack(key, [span, count])
  }
  return budgets
}

function wantedBy(
  { wanted = new Map() }: StreamGuardsState,
  keys: readonly string[],
  nowMs: number,
): ReadonlyMap<string, number> {
  return new Map([...wanted, ...keys.map((key) => [key, nowMs + WANTED_MS] as const)])
}

/** Reserves what a window uses, and some more while there is much left. Returns what is reserved then. */
function grant(
  budgets: Budgets,
  own: Reservations,
  {
    found,
    state,
    asked,
    nowMs,
  }: Judging & { readonly found: Judgement; readonly state: StreamGuardsState },
): Reservations {
  const granted = new Map(own)
  const isWhole = found.frozen.size === 0
  for (const { key, count, limit, ahead: most } of found.charges) {
    if (COUNTED.has(key)) {
      if (isWhole) budgets.use(key, count, nowMs)
      continue
    }
    const reserved = granted.get(key)?.[1] ?? 0
    const more = count - Math.min(count, asked.beforeOf(key)) - reserved
    if (more <= 0) continue
    const left = Math.floor(limit / 2) - budgets.usedOf(key, nowMs) - more
    const ahead = isWanted(state, key, nowMs) ? 0 : Math.max(0, Math.min(most, left))
    budgets.use(key, more + ahead, nowMs)
    granted.set(key, [spanAt(lastsMs(key), nowMs), reserved + more + ahead])
  }
  return granted
}

/** The book as it is written: what is reserved in spans that count for nothing any more is left out. */
function kept(
  budgets: Budgets,
  { reserved = new Map(), wanted = new Map() }: StreamGuardsState,
  {
    worker,
    own,
    nowMs,
  }: { readonly worker: string; readonly own: Reservations; readonly nowMs: number },
): StreamGuardsState {
  const all = new Map<string, Reservations>()
  for (const [name, each] of new Map([...reserved, [worker, own]])) {
    const left = [...each].filter(
      ([key, [span, count]]) => count > 0 && span >= spanAt(lastsMs(key), nowMs) - 1,
    )
    if (left.length > 0) all.set(name, new Map(left))
  }
  const stillWanted = [...wanted].filter(([, untilMs]) => untilMs > nowMs)
  return {
    ...budgets.state(nowMs),
    ...(all.size > 0 && { reserved: all }),
    ...(stillWanted.length > 0 && { wanted: new Map(stillWanted) }),
  }
}
