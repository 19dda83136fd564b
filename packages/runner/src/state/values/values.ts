import { ATTRIBUTE_TYPES, isJsonObject } from '@engage-sync/core'
import type { AttributeType, Column, Json, MappingOptions } from '@engage-sync/core'
import { NamedValue, NamedValues } from './named-value.ts'
import type { Codec } from './named-value.ts'

/** What runs that did not end had read of a source when they began to send. */
export interface UnconfirmedReads {
  /** They read from the beginning, not from the saved position. */
  readonly isWhole: boolean
  /** How many records each had read, ascending. */
  readonly ends: readonly number[]
}

/**
 * By source. Braze may hold what those runs made of these records, though nothing is known of it.
 */
export type UnconfirmedSends = ReadonlyMap<string, UnconfirmedReads>

/** How open marks were decided; counts of events, but for the marks. */
export interface Recovered {
  readonly marks: number
  readonly repeated: number
  readonly skipped: number
  readonly verified: number
}

/** The types of the values that were delivered to one attribute. */
export interface DeliveredTypes {
  /** Of the first one this state knows of: what Braze made of the attribute. */
  readonly first: AttributeType
  /** How many of each; those of one commit may count twice where its answer was lost. */
  readonly counts: Readonly<Partial<Record<AttributeType, number>>>
  /** How many of them Braze does not take for an attribute of the first one's type. */
  readonly dropped: number
}

/** Nothing was open. */
export const NOTHING_RECOVERED: Recovered = { marks: 0, repeated: 0, skipped: 0, verified: 0 }

const KINDS: Readonly<Record<Column['kind'], true>> = {
  slot: true,
  bits: true,
  instant: true,
  count: true,
  days: true,
}

const TEXT: Codec<string> = {
  encode: (text) => text,
  decode: (stored) => (typeof stored === 'string' ? stored : undefined),
}
const FLAG: Codec<boolean> = {
  encode: (isSet) => (isSet ? true : null),
  decode: (stored) => (stored === true ? true : undefined),
}

/** Every column a row of this state has, or ever had. */
export const columnRegistry = new NamedValue<readonly Column[]>(
  'registry',
  {
    encode: (columns) => columns.map(({ number, id, kind }) => ({ number, id, kind })),
    decode: (stored) => listOf(stored, isColumn),
  },
  [],
)

/** What runs began to send since positions moved last. */
export const unconfirmedSends = new NamedValue<UnconfirmedSends>(
  'sending',
  {
    encode: (sends) => {
      const bySource = [...sends].map(
        ([source, { isWhole, ends }]) => [source, { isWhole, ends }] as const,
      )
      return bySource.length === 0 ? null : Object.fromEntries(bySource)
    },
    decode: (stored) => mapOf(stored, isUnconfirmedReads),
  },
  new Map(),
)

/** Decisions about open marks that no finished run has reported yet. */
export const unreportedRecovery = new NamedValue<Recovered>(
  'recovered',
  {
    encode: ({ marks, repeated, skipped, verified }) => ({ marks, repeated, skipped, verified }),
    decode: (stored) => (isRecovered(stored) ? stored : undefined),
  },
  NOTHING_RECOVERED,
)

/** Names of the cohorts as Braze knows them, by their id. */
export const cohortNames = new NamedValues('cohort:', TEXT)

/** Cohort ids that moved mappings took along, by the id of the mapping. */
export const keptCohortIds = new NamedValues('cohort-id:', TEXT)

/** What each sync was set to beside its mappings, by its name, when a run of it was last whole. */
export const optionsOfSyncs = new NamedValues<MappingOptions>('sync:', {
  encode: (options) => ({ ...options }),
  decode: (stored) => (isJsonObject(stored) ? stored : undefined),
})

/** What was delivered to each attribute, by its name: whatever mapping wrote it, or writes it no more. */
export const deliveredTypes = new NamedValues<DeliveredTypes>('types:', {
  encode: ({ first, counts, dropped }) => ({ first, counts: { ...counts }, dropped }),
  decode: (stored) => (isDeliveredTypes(stored) ? stored : undefined),
})

/** Retired columns that have been unset for every user, by their number. */
export const unsetColumns = new NamedValues('retired:', FLAG)

/** Stands there from the commit that erases a user until no file of the state holds the user. */
export const purgeDue = new NamedValue('purge-due', FLAG, false)

/** Times of the future that an older version took were set back. */
export const timesSetBack = new NamedValue('times-set-back', FLAG, false)

/** Stands there while an import into the state is not finished. */
export const unfinishedImport = new NamedValue('unfinished-import', FLAG, false)

function listOf<T>(stored: unknown, isOne: (item: unknown) => item is T): readonly T[] | undefined {
  return Array.isArray(stored) && stored.every(isOne) ? stored : undefined
}

function mapOf<T>(
  stored: Json,
  isOne: (item: unknown) => item is T,
): ReadonlyMap<string, T> | undefined {
  if (!isJsonObject(stored)) return undefined
  const map = new Map<string, T>()
  for (const [key, item] of Object.entries(stored)) {
    if (!isOne(item)) return undefined
    map.set(key, item)
  }
  return map
}

function isColumn(stored: unknown): stored is Column {
  if (!isJsonObject(stored)) return false
  const { number, id, kind } = stored
  return typeof number === 'number' && typeof id === 'string' && Object.hasOwn(KINDS, String(kind))
}

function isUnconfirmedReads(stored: unknown): stored is UnconfirmedReads {
  if (!isJsonObject(stored)) return false
  return typeof stored['isWhole'] === 'boolean' && listOf(stored['ends'], isNumber) !== undefined
}

function isRecovered(stored: unknown): stored is Recovered {
  return (
    isJsonObject(stored) && Object.keys(NOTHING_RECOVERED).every((name) => isNumber(stored[name]))
  )
}

function isDeliveredTypes(stored: unknown): stored is DeliveredTypes {
  if (!isJsonObject(stored)) return false
  const { first, counts, dropped } = stored
  if (!isAttributeType(first) || !isJsonObject(counts) || !isNumber(dropped)) return false
  return Object.entries(counts).every(([type, count]) => isAttributeType(type) && isNumber(count))
}

function isAttributeType(stored: unknown): stored is AttributeType {
  return ATTRIBUTE_TYPES.some((type) => type === stored)
}

function isNumber(stored: unknown): stored is number {
  return typeof stored === 'number'
}
