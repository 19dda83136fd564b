/** What a window uses, once it is let pass. */
export interface Charge {
  readonly key: string
  readonly count: number
  /** How much of it costs nothing: it was taken off before. */
  readonly before: number
  readonly nowMs: number
  /** What may be used of it within its time, as far as that is known. */
  readonly limit: number
  /** To be reserved beyond it. */
  readonly ahead: number
}
