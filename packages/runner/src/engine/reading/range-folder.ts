import { chunkOf, Folder, startRead } from '@engage-sync/core'
import type {
  DeadLetter,
  FoldPass,
  FrozenColumns,
  Json,
  HeldRows,
  Link,
  RawChunk,
  Reasons,
  SourcePosition,
} from '@engage-sync/core'
import { RecordDeadLetters } from '../dead-letters/index.ts'
import type { DeadLetterContext } from '../dead-letters/index.ts'
import type { DeferredUsers } from '../deferred/index.ts'
import type { Partitions } from '../partitions/index.ts'
import type { EngineOptions } from '../request/index.ts'
import { deleteMissing, verifiedEnd } from './delete-missing.ts'
import type { ReadRange } from './ranges.ts'

/** One range of a source, read and folded. */
export interface SourceReading {
  readonly source: string
  readonly folder: Folder
  /** Where the next run goes on; null when nothing came, of history, and of a retry. */
  readonly position: SourcePosition | null
  readonly records: number
  /** Of these, how many had bytes to decode. */
  readonly decoded: number
  /** Event time as of which everybody is gone who was in no record; null when that is not sure. */
  readonly goneAt: number | null
}

/** How records are read and decoded, and for whom. */
export type RecordReading = Pick<EngineOptions, 'kind' | 'createDecoder' | 'decodeAhead' | 'signal'>

/** Told of what records say beside values. */
export interface RecordListener {
  /** A range was read this far. @param records - of its source, in this pass */
  readonly onRead: (source: string, records: number) => void
  readonly addDeadLetter: (letter: DeadLetter) => void
  /** Told what a letter would have kept, where there are too many letters. */
  readonly onLeftOut: ((payload: Json) => void) | null
  readonly onDelete: (
    source: string,
    deletion: Parameters<NonNullable<Folder['onDelete']>>[0],
  ) => void
  /** Null where aliases are not joined. */
  readonly onLink: ((source: string, link: Link) => void) | null
  /** Takes what is reported though nothing failed. */
  readonly reasons: Reasons
}

/** Users whose records wait instead of being folded, and who keeps them. */
export interface HeldRecords extends HeldRows {
  /** @param text - of the record @param user - as rows name the user */
  keep(source: string, user: string, text: string): void
}

/** Users of whom a part of what comes waits, and who keeps the records. */
export interface FrozenRecords extends FrozenColumns {
  /** @param source - whose record it is @param user - as rows name the user */
  keep(source: string, user: string, text: string): void
}

/** How one range is read in one pass. */
export interface RangePass {
  readonly range: ReadRange
  /** Records read of the source before this range. */
  readonly before: number
  /** Whether rejected records become dead letters: not when they already did. */
  readonly keepsLetters: boolean
  /** Null: every partition in one pass. */
  readonly pass: FoldPass | null
  /**
   * Whether what deferred records reject was told before: not when a mapping means something else
   * since.
   */
  readonly isDeferredTold: boolean
  /**
   * Up to which of the range's records runs that did not end may have sent what they made of it;
   * ascending.
   */
  readonly ends: readonly number[]
  /**
   * Reads no more records than an earlier pass did, though the source may have grown since; null
   * reads all.
   */
  readonly limit: number | null
  /** What the first of several passes read; null when this is it. */
  readonly first: SourceReading | null
}

/** Chunks of a range, decoded ahead where that is possible. */
export function chunksOf(
  { decodeAhead, signal }: RecordReading,
  { read, program }: ReadRange,
): AsyncIterable<RawChunk> {
  const chunks = read(signal)
  return decodeAhead?.(chunks, program.plan) ?? chunks
}

/** What the ranges of one pass have in common. */
export interface RangeContext {
  readonly listener: RecordListener
  readonly letters: DeadLetterContext
  readonly deferred: Pick<DeferredUsers, 'isUnanswered' | 'countedOf'>
  /** Null: nobody's records wait. */
  readonly held: HeldRecords | null
  readonly frozen: FrozenRecords
  /** Whether to go on: asked after every chunk. */
  readonly withinBudget: () => boolean
}

/** Folds ranges into the rows of one pass. */
export class RangeFolder {
  readonly #reading: RecordReading
  readonly #partitions: Partitions
  readonly #listener: RecordListener
  readonly #letters: DeadLetterContext
  readonly #deferred: RangeContext['deferred']
  readonly #held: HeldRecords | null
  readonly #frozen: FrozenRecords
  readonly #withinBudget: () => boolean

  constructor(reading: RecordReading, partitions: Partitions, pass: RangeContext) {
    this.#reading = reading
    this.#partitions = partitions
    this.#listener = pass.listener
    this.#letters = pass.letters
    this.#deferred = pass.deferred
    this.#held = pass.held
    this.#frozen = pass.frozen
    this.#withinBudget = pass.withinBudget
  }

  /**
   * Folds what was deferred, then reads the range to its end and folds it, and last those who are
   * gone. Null when the rows outgrew the budget.
   */
  async fold(how: RangePass): Promise<SourceReading | null> {
    const { range } = how
    const letters = this.#lettersOf(how)
    const folder = this.#folderOf(how, letters)
    await this.#foldDeferred(folder, letters, how)
    // What was deferred was said by an earlier reading.
    startRead(this.#partitions.rows)
    const read = await this.#foldNew(folder, letters, how)
    if (read === null) return null
    const goneAt = this.#verifiedEnd(folder, how, read)
    if (goneAt !== null && !(await this.#deleteMissing(folder, how, goneAt))) return null
    // Asked for once: the position of a source of many files is as long as their list.
    const position = range.kind === 'new' ? (read.last?.position ?? null) : null
    return {
      source: range.source,
      folder,
      position,
      records: read.records,
      decoded: read.decoded,
      goneAt,
    }
  }

  #lettersOf({ range, keepsLetters }: RangePass): RecordDeadLetters {
    return new RecordDeadLetters({
      context: this.#letters,
      source: range.source,
      isKept: keepsLetters,
      add: this.#listener.addDeadLetter,
      onLeftOut: this.#listener.onLeftOut,
    })
  }

  #folderOf({ range, pass, ends }: RangePass, listener: RecordDeadLetters): Folder {
    const { source, program, kind, deferred, repeats } = range
    const { onDelete, onLink } = this.#listener
    const { createDecoder, kind: run } = this.#reading
    const folder = new Folder({
      program,
      rows: this.#partitions.rows,
      decoder: createDecoder(program.plan),
      listener,
      pass,
      isHistory: kind === 'history',
      reportsAgain: kind === 'letters',
      repeats,
      resends: run.prepares.sent,
      resendsAbsent: run.prepares.absent,
      resendMappings: run.prepares.onlyMappings,
      waiting: deferred.length,
      unanswered: this.#deferred,
      countedBefore: run.countsDeferred ? null : this.#deferred.countedOf(source),
      ends,
    })
    folder.users.onlyUsers = run.onlyUsers
    const held = this.#held
    if (held !== null) {
      folder.users.held = held
      folder.onHeld = (record, user) => held.keep(source, user, listener.textOf(record))
    }
    const frozen = this.#frozen
    folder.frozen = frozen
    folder.onFrozen = (record, user) => frozen.keep(source, user, listener.textOf(record))
    folder.onDelete = (deletion) => onDelete(source, deletion)
    if (onLink !== null) folder.users.onLink = (link) => onLink(source, link)
    return folder
  }

  async #foldDeferred(
    folder: Folder,
    letters: RecordDeadLetters,
    { range, isDeferredTold }: RangePass,
  ): Promise<void> {
    if (range.deferred.length === 0) return
    letters.isSilent = isDeferredTold
    letters.chunk = chunkOf(range.deferred, 'waiting')
    await foldChunk(this.#partitions, folder, letters.chunk)
    letters.isSilent = false
  }

  async #foldNew(
    folder: Folder,
    letters: RecordDeadLetters,
    { range, limit, before }: RangePass,
  ): Promise<RangeRead | null> {
    const read: RangeRead = { last: null, records: 0, decoded: 0, given: 0 }
    for await (const whole of chunksOf(this.#reading, range)) {
      const left = limit === null ? Infinity : limit - read.decoded
      read.given += whole.count
      if (left <= 0 && whole.count > 0) break
      const chunk = whole.count <= left ? whole : { ...whole, count: left }
      letters.chunk = chunk
      await foldChunk(this.#partitions, folder, chunk)
      read.last = chunk
      read.decoded += chunk.count
      read.records += chunk.count + chunk.rejected.length
      this.#listener.onRead(range.source, before + read.records)
      if (!this.#withinBudget()) return null
    }
    return read
  }

  #verifiedEnd(
    folder: Folder,
    { range, first }: RangePass,
    { last, decoded, given }: RangeRead,
  ): number | null {
    if (!this.#reading.kind.deletesMissing) return null
    const { time, reason } = verifiedEnd(last?.complete, {
      folder,
      decoded,
      isWhole: given === decoded,
      first,
    })
    if (reason !== null) this.#listener.reasons.addOnce(range.source, 'SOURCE_NOT_SWEPT', reason)
    return time
  }

  #deleteMissing(folder: Folder, { pass }: RangePass, goneAt: number): Promise<boolean> {
    const keepsAliases = this.#listener.onLink !== null
    return deleteMissing(this.#partitions, folder, {
      goneAt,
      keepsAliases,
      only: pass?.only ?? null,
      withinBudget: this.#withinBudget,
    })
  }
}

/** How far a range was read. */
interface RangeRead {
  last: RawChunk | null
  records: number
  decoded: number
  /** Records the source gave, folded or not. */
  given: number
}

/** Folds a chunk, opening partitions as its users need them. */
export async function foldChunk(
  partitions: Partitions,
  folder: Folder,
  chunk: RawChunk,
): Promise<void> {
  for (const { code, message, origin, record } of chunk.rejected) {
    folder.countRejected(code, `${origin}, record ${record}: ${message}`)
  }
  let at = folder.fold(chunk, 0)
  while (at < chunk.count) {
    await partitions.open(folder.missing)
    at = folder.fold(chunk, at)
  }
}
