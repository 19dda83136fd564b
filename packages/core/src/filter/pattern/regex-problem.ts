/** Why a pattern cannot be used. */
export interface RegexProblem {
  /** Where, in UTF-16 code units from the start of the pattern. */
  readonly offset: number
  /** How long the offending piece is. */
  readonly length: number
  readonly message: string
  /** How to write it instead. */
  readonly hint: string | null
}
