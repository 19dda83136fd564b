import { isJsonObject } from '@engage-sync/core'
import type { Json } from '@engage-sync/core'
import { NamedValue, NamedValues } from './named-value.ts'

/** How much of a budget was used when: the number of a span of time since the epoch, and how much. */
export type UsedSpans = readonly (readonly [span: number, used: number])[]

/** What a stream may still do, by guard: `removals=<id>`, `additions=<id>`, `data_points`, `deletions`, `rejected`. */
export interface StreamGuardsState {
  /** What may have been used lately. */
  readonly budgets: ReadonlyMap<string, UsedSpans>
  /** Guards that hold all changes of a membership; since when, milliseconds since the epoch. */
  readonly frozen: ReadonlyMap<string, number>
  /** Guards that hold nothing; until when, milliseconds since the epoch. */
  readonly allowed: ReadonlyMap<string, number>
  /** What of the budgets workers have reserved, by their names, and may give back. Default: nothing. */
  readonly reserved?: ReadonlyMap<string, Reservations>
  /** Guards of which everything reserved is to be given back; until when. Default: none. */
  readonly wanted?: ReadonlyMap<string, number>
}

/** By guard: how much is reserved and not used, and the span of time it counts in. */
export type Reservations = ReadonlyMap<string, readonly [span: number, count: number]>

/** Budgets of the guards of a stream. */
export const streamGuards = new NamedValue<StreamGuardsState>(
  'stream-guards',
  {
    encode: ({ budgets, frozen, allowed, reserved, wanted }) => ({
      budgets: Object.fromEntries(
        [...budgets].map(([guard, spans]) => [guard, spans.map(([span, used]) => [span, used])]),
      ),
      frozen: Object.fromEntries(frozen),
      allowed: Object.fromEntries(allowed),
      ...(reserved !== undefined && {
        reserved: Object.fromEntries(
          [...reserved].map(([worker, own]) => [
            worker,
            Object.fromEntries([...own].map(([guard, [span, count]]) => [guard, [span, count]])),
          ]),
        ),
      }),
      ...(wanted !== undefined && { wanted: Object.fromEntries(wanted) }),
    }),
    decode: (stored) => {
      if (!isJsonObject(stored)) return undefined
      const budgets = mapOf(stored['budgets'], spansOf)
      const frozen = mapOf(stored['frozen'], numberOf)
      const allowed = mapOf(stored['allowed'], numberOf)
      const reserved = mapOf(stored['reserved'] ?? {}, (each) => mapOf(each, spanOf))
      const wanted = mapOf(stored['wanted'] ?? {}, numberOf)
      if (budgets === undefined || frozen === undefined || allowed === undefined) return undefined
      if (reserved === undefined || wanted === undefined) return undefined
      return {
        budgets,
        frozen,
        allowed,
        ...(reserved.size > 0 && { reserved }),
        ...(wanted.size > 0 && { wanted }),
      }
    },
  },
  { budgets: new Map(), frozen: new Map(), allowed: new Map() },
)

/** What several that worked beside each other used and held, as of one: nothing of it is forgotten. */
export function joinGuards(one: StreamGuardsState, other: StreamGuardsState): StreamGuardsState {
  const budgets = new Map(one.budgets)
  for (const [key, spans] of other.budgets) {
    const used = new Map(budgets.get(key) ?? [])
    for (const [span, count] of spans) used.set(span, (used.get(span) ?? 0) + count)
    budgets.set(key, [...used])
  }
  return {
    budgets,
    frozen: joinTimes(one.frozen, other.frozen, Math.min),
    allowed: joinTimes(one.allowed, other.allowed, Math.max),
  }
}

function joinTimes(
  one: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
  pick: (a: number, b: number) => number,
): ReadonlyMap<string, number> {
  const joined = new Map(one)
  for (const [key, ms] of other) joined.set(key, pick(joined.get(key) ?? ms, ms))
  return joined
}

/** What somebody let pass, by guard: written beside a server, which takes it away. */
export const allowRequests = new NamedValues<string>('allow:', {
  encode: (at) => at,
  decode: (stored) => (typeof stored === 'string' ? stored : undefined),
})

const numberOf = (stored: Json) => (typeof stored === 'number' ? stored : undefined)

/** A span of time, and how much of it. */
function spanOf(stored: Json): UsedSpans[number] | undefined {
  const [span, used] = Array.isArray(stored) ? stored : []
  return typeof span === 'number' && typeof used === 'number' ? [span, used] : undefined
}

function spansOf(stored: Json): UsedSpans | undefined {
  if (!Array.isArray(stored)) return undefined
  const spans = stored.map(spanOf)
  return spans.every((span) => span !== undefined) ? spans : undefined
}

function mapOf<T>(
  stored: Json | undefined,
  read: (one: Json) => T | undefined,
): ReadonlyMap<string, T> | undefined {
  if (!isJsonObject(stored)) return undefined
  const map = new Map<string, T>()
  for (const [key, one] of Object.entries(stored)) {
    const value = read(one)
    if (value === undefined) return undefined
    map.set(key, value)
  }
  return map
}
