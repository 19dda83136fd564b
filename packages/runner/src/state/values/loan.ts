import { isJsonObject } from '@engage-sync/core'
import { NamedValue } from './named-value.ts'

/** Who works alone for a while instead of the workers. */
export interface Loan {
  /** As the owner of a lease. */
  readonly borrower: string
  /** Over then unless it is said again, by the store's clock, milliseconds. */
  readonly untilMs: number
}

/** What somebody asked the workers of a state for; null where nobody did. */
export const loan = new NamedValue<Loan | null>(
  'loan',
  {
    encode: (stored) =>
      stored === null ? null : { borrower: stored.borrower, until: stored.untilMs },
    decode: (stored) => {
      if (!isJsonObject(stored)) return undefined
      const { borrower, until } = stored
      return typeof borrower === 'string' && typeof until === 'number'
        ? { borrower, untilMs: until }
        : undefined
    },
  },
  null,
)
