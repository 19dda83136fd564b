import type { ValueType } from '../values/value-type.ts'
import type { FilterCode } from './codes.ts'
import type { FilterPath } from './condition.ts'

/** Something wrong or odd in a filter, with its place inside the filter. */
export interface FilterFinding {
  readonly severity: 'error' | 'warning'
  readonly code: FilterCode
  readonly message: string
  readonly hint?: string
  /**
   * Keys and indexes from the root of the filter to the value that is meant, e.g. `['all', 0,
   * 'matches']`.
   */
  readonly path: FilterPath
  /**
   * Inside that value, when it is a text: UTF-16 code units from its start, and how many of them
   * are meant.
   */
  readonly offset?: number
  readonly length?: number
  /**
   * A number the hint quotes: whoever knows the file quotes it as it is written there, since 0150
   * is read as 150.
   */
  readonly number?: number
}

/** Keys with their types; `undefined` for one that is not known. */
export type TypesByKey = Pick<ReadonlyMap<string, ValueType | null>, 'has' | 'get'> & {
  readonly keys: () => Iterable<string>
}

/** What a filter may refer to. */
export interface FilterScope {
  /**
   * Type of each trait that is mapped or named in another filter; null when any type goes. Keys as
   * filters write them.
   */
  readonly traits: TypesByKey
  readonly audiences: {
    readonly has: (key: string) => boolean
    readonly keys: () => Iterable<string>
  }
  /** Traits that travel beside a computation; filters cannot read them. */
  readonly enrichment: ReadonlySet<string>
  /** Every event name a mapping of the project sends. */
  readonly eventNames: ReadonlySet<string>
  readonly timeZone?: string
}

/** A finding before its code gives it a severity. */
export type Found = Omit<FilterFinding, 'severity'>
