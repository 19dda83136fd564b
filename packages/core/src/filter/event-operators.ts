import type { EventOperator } from '../schema/vocabulary.ts'

/** One operator of an event condition. */
export interface EventOperatorRow {
  readonly operator: EventOperator
  readonly meaning: string
  readonly dashboard: string
  readonly test: (limit: number) => (count: number) => boolean
}

/**
 * Every operator of an event condition, with and without `within_days`.
 *
 * @see https://www.braze.com/docs/x-in-y-behavior (whole UTC days; less than and exactly 0 hold for users without the event)
 */
export const EVENT_OPERATOR_TABLE: readonly EventOperatorRow[] = [
  {
    operator: 'more_than',
    meaning: 'delivered more often',
    dashboard: 'more than',
    test: (limit) => (count) => count > limit,
  },
  {
    operator: 'less_than',
    meaning: 'delivered less often, or never',
    dashboard: 'less than',
    test: (limit) => (count) => count < limit,
  },
  {
    operator: 'exactly',
    meaning: 'delivered exactly so often; 0 is never',
    dashboard: 'exactly',
    test: (limit) => (count) => count === limit,
  },
]
