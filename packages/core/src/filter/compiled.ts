import type { Json } from '@engage-sync/contract'

/** Whether and why something can be kept up to date by events alone. */
export interface Timing {
  readonly mode: 'real time' | 'scheduled'
  /** One plain sentence, shown by validate and plan. */
  readonly reason: string
}

/** What a leaf reads: a trait or audience, with the path inside its value. */
export interface LeafOperand {
  readonly kind: 'trait' | 'audience'
  readonly key: string
  readonly path: readonly string[]
}

/**
 * One condition of a filter.
 *
 * `value` leaves depend on a value only: their verdict is kept as one bit per user and renewed when
 * the value changes. `time` leaves depend on the clock too: the value (milliseconds since the
 * epoch) is kept in the row. `event` leaves depend on counts of delivered events.
 */
export type Leaf =
  | {
      readonly type: 'value'
      readonly operand: LeafOperand
      /** Verdict for a value of any JSON type; null means unset. */
      readonly test: (value: Json) => boolean
      /** Verdict for a user that never had a value. */
      readonly absent: boolean
      /** For the recipe and for explain: `lifetime_value more_than 3`. */
      readonly text: string
    }
  | {
      readonly type: 'time'
      readonly operand: LeafOperand
      /** The stored milliseconds of a value, or null when it is no time. */
      readonly read: (value: Json) => number | null
      readonly test: (valueMs: number, nowMs: number) => boolean
      /** When the verdict of this value changes next, or Infinity. */
      readonly nextChange: (valueMs: number, nowMs: number) => number
      readonly absent: boolean
      readonly text: string
    }
  | {
      readonly type: 'event'
      readonly name: string
      /** Narrows to the events of one mapping. */
      readonly narrow: LeafOperand | null
      /** Whole UTC days looked back, or null for the lifetime count. */
      readonly withinDays: number | null
      readonly test: (count: number) => boolean
      readonly text: string
    }

/** A tree over leaf indexes. */
export type FilterTree =
  | { readonly op: 'leaf'; readonly leaf: number }
  | { readonly op: 'all' | 'any'; readonly children: readonly FilterTree[] }
  | { readonly op: 'not'; readonly child: FilterTree }

/** A filter, compiled once: leaves with their tests, and how they combine. */
export interface CompiledFilter {
  readonly leaves: readonly Leaf[]
  readonly tree: FilterTree
  /** @param verdict - the current verdict of leaf n */
  readonly evaluate: (verdict: (leaf: number) => boolean) => boolean
  readonly timing: Timing
  /** Of the conditions and the types they read: equal text means equal verdicts. */
  readonly fingerprint?: string
}
