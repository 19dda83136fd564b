import type { CaseEventConfig, ExpectationConfig, ProfileConfig } from '../schema/cases.ts'
import type { SourceRange } from './source-range.ts'

/** One case in long form: users are always named, `now` is milliseconds. */
export interface NormalisedCase {
  readonly name: string
  readonly nowMs: number
  readonly user: string
  readonly profiles: ReadonlyMap<string, ProfileConfig>
  readonly events: readonly CaseEventConfig[]
  /** As written: a case with one user may leave the user level out. */
  readonly expect: ExpectationConfig
  readonly range: SourceRange
  readonly expectRange: SourceRange
}

/** The cases of one sync. */
export interface NormalisedCases {
  /** Name of the sync they test. */
  readonly sync: string
  readonly path: string
  readonly cases: readonly NormalisedCase[]
}
