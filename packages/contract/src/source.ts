import type { Rejection } from './change.ts'
import type { ComputationKind } from './change.ts'
import type { Json } from './json.ts'

/** Where reading may resume. Opaque to everyone but the source that made it; plain JSON. */
export type SourcePosition = Json

/**
 * Some thousand raw records that travel together.
 *
 * `spans` holds `start, end` (exclusive) of each record in `bytes`, 2 × `count` numbers. A record
 * is one JSON text in UTF-8 without its line end. The chunk may be reused after the next one is
 * asked for: keep no views.
 */
export interface RawChunk {
  readonly bytes: Uint8Array
  readonly spans: Int32Array
  readonly count: number
  /** Resuming here reads exactly the records after this chunk. */
  readonly position: SourcePosition
  /**
   * Where the first record stands, for messages: a file or table name, and its 1-based record
   * number there.
   */
  readonly origin: { readonly name: string; readonly firstRecord: number }
  /** Records that never became bytes (too long, unreadable), counted as read and rejected. */
  readonly rejected: readonly RejectedRecord[]
  /**
   * Of the last chunk alone, when this reading began at the beginning of all the source knows: of
   * every user it knows it gave a wanted value, be it null. Who was in no record is gone as of this
   * event time, milliseconds.
   */
  readonly complete?: { readonly time: number }
  /** The records as rows, where somebody decoded them before; valid as long as the chunk. */
  readonly rows?: DecodedRows
}

/** Rows of a chunk that were decoded ahead. */
export interface DecodedRows {
  /** Record n's row; used again by the next call. */
  at(record: number): DecodedRow
}

/** A rejected record with its place. */
export interface RejectedRecord extends Rejection {
  readonly origin: string
  readonly record: number
}

/**
 * A finite stream of raw records with resumable positions.
 *
 * Contract (testkit `sourceContract`): records come in a stable order; reading from a position
 * gives exactly what came after it; only the last chunk of a reading from the beginning may be
 * `complete`; stopping early closes everything; an aborted signal ends the stream with its reason;
 * an empty source yields nothing, or one empty chunk with a position.
 */
export interface Source {
  /** Name for messages; no secrets, no query strings. */
  readonly name: string
  /**
   * What was read and committed is removed, so that nothing is left is no surprise. Default: what
   * was there stays there.
   */
  readonly drains?: true
  /**
   * Reading from its end begins again with what was given before, so that nobody can say how much is newer. Default:
   * reading from a position gives what came since.
   */
  readonly repeats?: true
  /** @param from - a position of this source, or null for the beginning */
  read(from: SourcePosition | null, signal: AbortSignal): AsyncIterable<RawChunk>
  /**
   * What stands before a position: of the records that reading from the beginning gives, exactly
   * those that reading from there does not. Left out by sources whose positions are no place in an
   * order.
   *
   * @param to - a position of this source; the chunks have it as their own
   */
  readBefore?(to: SourcePosition, signal: AbortSignal): AsyncIterable<RawChunk>
  /**
   * What stands between two positions: of the records that reading from the first gives, in the
   * same order, exactly those that reading from the second does not. What came since the second was
   * made is not among them. Left out by sources whose positions are no place in an order.
   *
   * @param from - a position of this source, or null for the beginning
   * @param to - a later one; the chunks have it as their own
   */
  readBetween?(
    from: SourcePosition | null,
    to: SourcePosition,
    signal: AbortSignal,
  ): AsyncIterable<RawChunk>
  /**
   * For `doctor`: looks at what a reading needs, in a few seconds whatever the size of the source.
   * Takes nothing in, writes nothing, and closes what it opened.
   *
   * @throws {SyncError} what a reading would end with
   */
  check?(signal: AbortSignal): Promise<SourceCondition>
  /**
   * Where records come from, by a look at some of each folder: whoever can write there is believed.
   *
   * Shape: at most 50 folders, those with the newest files first. Writes nothing, and closes what
   * it opened.
   *
   * @throws {SyncError} what a reading would end with
   */
  origins?(signal: AbortSignal): Promise<readonly RecordOrigin[]>
}

/**
 * A source that goes on: what came is read as from any source, what comes is followed.
 *
 * Contract (testkit `sourceContract` for `read`): `follow` from a position gives what `read` from
 * there gives, in the same order, and then goes on: a chunk whenever something is there, at most
 * 50 ms after it came. It never ends by itself; it ends, without an error, when the signal aborts.
 * `read` ends where the source ends as of now.
 */
export interface StreamSource extends Source {
  /** @param from - a position of this source, or null for the beginning */
  follow(from: SourcePosition | null, signal: AbortSignal): AsyncIterable<RawChunk>
  /**
   * The earliest of some positions: reading from there gives all that reading from any of them
   * gives, and reading from the earliest of that and one of them gives the same. Where positions
   * have parts, it may lie before each of them. Left out by sources that one process alone reads.
   *
   * @param positions - of this source, one at least
   */
  earliest?(positions: readonly SourcePosition[]): SourcePosition
  /**
   * For `doctor`: how a position stands to what the stream still holds. Takes nothing in. Left out
   * where nothing is removed that was not read.
   *
   * @param position - of this source, or null for the beginning
   * @throws {SyncError} what a reading would end with
   */
  standing?(position: SourcePosition | null, signal: AbortSignal): Promise<StreamStanding>
}

/** What stands behind a position of a stream, and how soon it is removed. */
export interface StreamStanding {
  /** What was removed before it was read, in words; null where nothing is known to be. */
  readonly gone: string | null
  /** What is not read yet, at most. */
  readonly messages: number
  /** How long the oldest of it has been there, milliseconds; 0 where there is none. */
  readonly oldestMs: number
  /** By each limit at which the stream removes its oldest messages, whoever read them. */
  readonly limits: readonly StreamLimit[]
}

/** How much of what a stream keeps is not read yet. */
export interface StreamLimit {
  readonly unit: 'milliseconds' | 'bytes' | 'messages'
  readonly behind: number
  /** Above 0. */
  readonly keeps: number
}

/** Where the records of one folder come from, by a look at the start of its newest file. */
export interface RecordOrigin {
  /** Path of the folder. Folders of days, timestamps or dates, count as the one they lie in. */
  readonly folder: string
  /** null where counting would mean listing all there is. */
  readonly files: number | null
  /** Segment spaces that Engage's marks name, sorted; no personal data. */
  readonly spaces: readonly string[]
  /** Records looked at. */
  readonly looked: number
  /** Records among them without Engage's mark. */
  readonly unmarked: number
}

/** What a look at a source found, where it can be read. */
export interface SourceCondition {
  /** What is there, in a few words; no personal data. */
  readonly message: string
  /** What to do about something that stops no reading, and yet is hardly meant. */
  readonly hint?: string
}

/** A computation some mapping or filter wants. Its index in `DecodePlan.keys` is its key index. */
export interface WantedKey {
  readonly kind: ComputationKind
  /** The computation key, or the trait name beside a computation for `enrichment`. */
  readonly key: string
  /** Path inside the value, for dotted names; empty for the value itself. */
  readonly path: readonly string[]
}

/** How a user's Braze identifier is found in a record. */
export interface IdentityRule {
  readonly externalId:
    | { readonly from: 'userId' | 'email' }
    | { readonly from: 'externalIds'; readonly type: string }
    | { readonly from: 'traits'; readonly path: readonly string[] }
  /** The identifier used when the first is absent: a Braze user alias. */
  readonly alias: {
    readonly from: 'anonymousId' | 'userId' | 'email'
    readonly label: string
  } | null
  /**
   * External ids, and aliases that are addresses, are taken in lower case. Default: as they are.
   */
  readonly lowerCase?: true
  /** Identifiers that name nobody, such as `null`. Default: none. */
  readonly refuse?: readonly string[]
}

/** What the compiled configuration wants from each record. */
export interface DecodePlan {
  readonly keys: readonly WantedKey[]
  /**
   * By key index: 1 for keys whose values are given. Records are known by all keys all the same.
   * Default: all.
   */
  readonly only?: Uint8Array
  readonly identities: readonly IdentityRule[]
  /** Which member is the event time. */
  readonly timeField: 'timestamp' | 'originalTimestamp' | 'receivedAt'
  /**
   * When the reading is, milliseconds since the epoch. A record more than a day later counts as of
   * its `receivedAt`, or is rejected where that is as late. Default: any time is taken.
   */
  readonly nowMs?: number
  /** Whose records count. Default: everybody's. */
  readonly trust?: Trust
}

/** What a source may say beside what Engage says of itself, and whose Engage it is. */
export interface Trust {
  /** Calls without `context.personas` that carry a wanted computation. */
  readonly unmarked: boolean
  /** Requests to forget a user. */
  readonly deletes: boolean
  /** Calls of any channel; without it, those of `server` and those that name none. */
  readonly client: boolean
  /** The space whose computations count; null for those of any. */
  readonly spaceId: string | null
}

/** One record, decoded. Reused by its decoder for every record: read it before the next call. */
export interface DecodedRow {
  status: 'changes' | 'skipped' | 'unmapped' | 'rejected' | 'delete'
  /** Stable code when skipped or rejected; the computation key when unmapped; else ''. */
  reason: string
  /** Expected and got, when rejected; never personal data. */
  message: string
  /** Event time, milliseconds since the epoch. */
  time: number
  /**
   * Per identity rule, in order: the external id's UTF-8 bytes, as spans of `bytes`; start -1 when
   * absent.
   */
  readonly externalIdStart: Int32Array
  readonly externalIdEnd: Int32Array
  readonly aliasStart: Int32Array
  readonly aliasEnd: Int32Array
  /** Number of wanted values; the arrays below are valid up to it. */
  count: number
  readonly keyIndex: Int32Array
  /**
   * Each value's canonical JSON text (as `JSON.stringify` writes it, object members sorted) as
   * spans of `bytes`; after a `+` where the value holds an integer that no double holds, with the
   * digits that were written.
   */
  readonly valueStart: Int32Array
  readonly valueEnd: Int32Array
  /** What the spans point into: the record's own chunk, or a scratch the decoder owns. */
  bytes: Uint8Array
  /** Computation keys seen in this record that no mapping wants; usually empty. */
  unmapped: readonly string[]
}

/**
 * Decodes raw records by projection; synchronous, keeps nothing between records but its scratch and what it learnt of
 * their shapes.
 */
export interface RowDecoder {
  decode(bytes: Uint8Array, start: number, end: number): DecodedRow
  /**
   * The reading is at another time from here on, as by `nowMs` of the plan. Without it, another reading needs another
   * decoder.
   *
   * @param nowMs - milliseconds since the epoch; undefined where any time is taken
   */
  redate?(nowMs: number | undefined): void
}
