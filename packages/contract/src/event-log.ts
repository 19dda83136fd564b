import type { SourcePosition, StreamSource } from './source.ts'

/** What stands behind a position of a log. */
export interface LogLag {
  /** null where counting them would mean reading them. */
  readonly records: number | null
  /** Of their lines; of what is stored, where a log stores something else. */
  readonly bytes: number
  /** How long the oldest of them has been there at most, milliseconds; 0 where there is none. */
  readonly oldestMs: number
}

/** What became of records that name somebody. */
export interface Erasure {
  readonly erased: number
  /** Those that are still there. */
  readonly left: number
}

/**
 * Records in durable order: what was received, until it is worked on. Everyone may read all of it.
 *
 * Contract (testkit `eventLogContract`, beside `sourceContract` and `streamContract`): what was
 * appended is durable when `append` resolves, and is given once by every reading from before it;
 * appends of one caller, one after another, are given in that order; a reader never passes
 * something that is given later. What could not be appended for certain throws, and may be there all
 * the same: its sender sends it again, and the fold takes it for a duplicate.
 *
 * @throws {SyncError} `SOURCE_UNAVAILABLE` while it cannot be reached; `SOURCE_TOO_LARGE` by `append`,
 *   for a record that is larger than it takes
 */
export interface EventLog extends StreamSource {
  /** @param lines - JSON texts, one a line; the end of the last line may be missing */
  append(lines: Uint8Array): Promise<void>
  /** @param position - of this log; null for its beginning */
  lag(position: SourcePosition | null): Promise<LogLag>
  /**
   * Removes what nobody needs any more, where the log does not do that by itself.
   *
   * @param position - the lowest of all who read it, as it was committed
   */
  trim(position: SourcePosition): Promise<void>
  /**
   * Erases the records that name one of some identifiers. Left out by logs that cannot; null where
   * this one is not let. Durable when it resolves; positions stay valid.
   *
   * Shape: a log that keeps several records as one may leave those behind `worked` that share theirs
   * with others, and give others that stand before it again, which are duplicates.
   *
   * @param ids - as records hold them; capitals do not count
   * @param worked - up to where all that was read is committed; null for nothing
   */
  erase?(ids: readonly string[], worked: SourcePosition | null): Promise<Erasure | null>
  /** What was appended before stays; nothing can be appended after. Any number of times. */
  close(): Promise<void>
}
