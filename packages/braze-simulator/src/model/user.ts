import type { Json, JsonObject } from '@engage-sync/contract'

/** A pair of label and name that identifies a user. */
export interface Alias {
  readonly label: string
  readonly name: string
}

/** One event as it happened: milliseconds since the epoch, and what was sent with it. */
export interface Occurrence {
  readonly time: number
  readonly properties: JsonObject | null
}

/** What a profile knows of one event name. Times are milliseconds since the epoch. */
export interface EventSummary {
  count: number
  first: number
  last: number
  /** Single events of the last 31 days, in order of arrival. */
  recent: Occurrence[]
}

/** A profile. */
export interface User {
  readonly brazeId: string
  externalId: string | null
  /** External ids it had before, which still find it. */
  readonly deprecatedIds: Set<string>
  /** Label to name. */
  readonly aliases: Map<string, string>
  readonly standard: Map<string, Json>
  readonly custom: Map<string, Json>
  readonly events: Map<string, EventSummary>
  readonly purchases: Map<string, EventSummary>
  readonly cohorts: Set<string>
  readonly devices: Set<string>
  /**
   * When it was made; milliseconds since the epoch. Null for profiles of older stores, which did
   * not note it.
   */
  readonly createdAt: number | null
  /** Sum of the prices of its purchases, whatever their currencies. */
  revenue: number
  /** Place of its latest write among all writes; rises. */
  touched: number
}

/** An empty profile. */
export function newUser(brazeId: string, touched: number, createdAt: number): User {
  return {
    brazeId,
    externalId: null,
    deprecatedIds: new Set(),
    aliases: new Map(),
    standard: new Map(),
    custom: new Map(),
    events: new Map(),
    purchases: new Map(),
    cohorts: new Set(),
    devices: new Set(),
    createdAt,
    revenue: 0,
    touched,
  }
}

/** Key of an alias in an index. */
export function aliasKey({ label, name }: Alias): string {
  return JSON.stringify([label, name])
}
