import { isJsonObject } from '@engage-sync/core'
import type { Json, JsonObject } from '@engage-sync/core'
import { NamedValue, NamedValues } from './named-value.ts'

/** What was reserved of one guard while its time runs. */
export interface GuardBudget {
  /** When its time began, milliseconds since the epoch. */
  readonly sinceMs: number
  /** So much of it may have been used. */
  readonly used: number
  /** Nothing is held until its time is over. */
  readonly isAllowed: boolean
}

/** What a stream may still do, by guard: `removals=<id>`, `additions=<id>`, `data_points`, `deletions`. */
export interface StreamGuardsState {
  readonly budgets: ReadonlyMap<string, GuardBudget>
  /** Guards that hold all changes of a membership; since when, milliseconds since the epoch. */
  readonly frozen: ReadonlyMap<string, number>
}

/** Budgets of the guards of a stream. */
export const streamGuards = new NamedValue<StreamGuardsState>(
  'stream-guards',
  {
    encode: ({ budgets, frozen }) => ({
      budgets: Object.fromEntries(
        [...budgets].map(([guard, { sinceMs, used, isAllowed }]) => [
          guard,
          { sinceMs, used, isAllowed },
        ]),
      ),
      frozen: Object.fromEntries(frozen),
    }),
    decode: (stored) => {
      if (!isJsonObject(stored)) return undefined
      const budgets = mapOf(stored['budgets'], budgetOf)
      const frozen = mapOf(stored['frozen'], (one) => (typeof one === 'number' ? one : undefined))
      return budgets === undefined || frozen === undefined ? undefined : { budgets, frozen }
    },
  },
  { budgets: new Map(), frozen: new Map() },
)

/** What somebody let pass, by guard: written beside a server, which takes it away. */
export const allowRequests = new NamedValues<string>('allow:', {
  encode: (at) => at,
  decode: (stored) => (typeof stored === 'string' ? stored : undefined),
})

function budgetOf(stored: Json): GuardBudget | undefined {
  if (!isJsonObject(stored)) return undefined
  const { sinceMs, used, isAllowed }: JsonObject = stored
  return typeof sinceMs === 'number' && typeof used === 'number' && typeof isAllowed === 'boolean'
    ? { sinceMs, used, isAllowed }
    : undefined
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
