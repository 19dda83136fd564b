/** A user some of whose changes were neither delivered nor refused. */
export interface DeferredUser {
  readonly partition: number
  /** Text of the identifier, as rows hold it. */
  readonly user: string
  /**
   * Columns of segments whose verdicts may have been sent without the row knowing of it: they are
   * told again.
   */
  readonly doubted: readonly number[]
  /**
   * Columns of mappings whose values may have been sent without the row knowing of it: what waits
   * of them is sent whatever the row holds. Null where it may be any.
   */
  readonly unanswered: readonly number[] | null
  /**
   * Guards that hold a membership of the user, as `removals=<id>`: that alone waits, until they are
   * allowed. Default: none.
   */
  readonly frozen?: readonly string[]
  /** Nothing waits but what these guards hold. Default false. */
  readonly isFrozenOnly?: boolean
  /**
   * Columns of which what waits was not counted when it came, since it was not folded; null: nothing
   * was counted. Default: all was.
   */
  readonly uncounted?: readonly number[] | null
}
