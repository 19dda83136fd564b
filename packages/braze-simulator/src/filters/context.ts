import type { Workspace } from '../model/index.ts'
import type { Rules, Settings } from '../options/index.ts'

/** What a filter sees beside the user. */
export interface FilterContext {
  readonly workspace: Workspace
  readonly settings: Settings
  readonly rules: Rules
  /** Milliseconds since the epoch; one instant for all users. */
  readonly now: number
}

/** A filter that cannot be evaluated; the message says what is wrong with it. */
export class FilterError extends Error {
  override name = 'FilterError'
}

/** Length of a day, in milliseconds. */
export const DAY_MS = 86_400_000
