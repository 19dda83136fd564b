import { entryOf, narrowProgram, SyncError } from '@engage-sync/core'
import type { FoldProgram, RawChunk, Source, SourcePosition } from '@engage-sync/core'
import { promotesAliases } from '../aliases/index.ts'
import type { DeferredUsers } from '../deferred/index.ts'
import type { ResolvedMappings } from '../mappings/index.ts'
import type { RunKind } from '../request/index.ts'
import { retriedRecords } from '../retry/index.ts'
import type { RetriedLetters } from '../retry/index.ts'

/** A part of a source, and the program that folds it. */
export interface ReadRange {
  readonly source: string
  readonly program: FoldProgram
  /**
   * `history` stands before the saved position and is read again for those who need it; `deferred`
   * is what waited before that, and nothing of the source; `letters` are the records of a retry,
   * whatever their place was.
   */
  readonly kind: 'new' | 'history' | 'deferred' | 'letters'
  /** Records that waited for this run; folded before the source's. */
  readonly deferred: readonly string[]
  /** Where reading starts; null for the beginning. */
  readonly from: SourcePosition | null
  /** Whether it gives again what was given before. */
  readonly repeats: boolean
  /** @throws {SyncError} `SOURCE_…` while it is read */
  read(signal: AbortSignal): AsyncIterable<RawChunk>
}

/**
 * Where another reading ended, by source: this one reads no further. Null where that one read
 * nothing; sources that are left out are read to their end.
 */
export type ReadEnds = ReadonlyMap<string, SourcePosition | null>

/** What decides which ranges a run reads. */
export interface RangeChoice {
  readonly kind: Pick<RunKind, 'reads'>
  readonly sources: ReadonlyMap<string, Source>
  readonly mappings: ResolvedMappings
  readonly deferred: DeferredUsers
  readonly retried: RetriedLetters | null
  /** Positions as the state has them. */
  readonly saved: ReadonlyMap<string, SourcePosition>
  /**
   * Where another reading ended, by source: this one reads no further. Null: that one read nothing
   * new. Sources that are left out are read to their end.
   */
  readonly upTo: ReadEnds
}

/** What a run reads, by source; see `rangesOf`. */
export function chooseRanges(choice: RangeChoice): ReadonlyMap<string, readonly ReadRange[]> {
  return new Map(
    [...choice.mappings.programs.keys()].map((source) => [source, rangesOf(choice, source)]),
  )
}

/**
 * What a run reads of a source, in order.
 *
 * Shape: the records of a retry; else what is new since the saved position. Before it the history,
 * where mappings need it, folded for those alone. What was deferred comes before both: the
 * destination may hold what it says, which history that says the same, or something newer, would
 * hide.
 */
function rangesOf(choice: RangeChoice, source: string): readonly ReadRange[] {
  const { retried, mappings, deferred } = choice
  const program = entryOf(mappings.programs, source)
  if (retried !== null) {
    const read = (signal: AbortSignal) => retriedRecords(retried, { source, program }, signal)
    return [{ source, program, kind: 'letters', deferred: [], from: null, repeats: false, read }]
  }
  const records = deferred.recordsOf(source)
  const history = historyOf(choice, source)
  const from = history === null ? startOf(choice, source) : savedOf(choice, source)
  const fresh: ReadRange = {
    source,
    program,
    kind: 'new',
    deferred: records,
    from,
    repeats: from !== null && choice.sources.get(source)?.repeats === true,
    read: reading(choice, source, from),
  }
  if (history === null) return [fresh]
  const split = [history, { ...fresh, deferred: [] }]
  return records.length === 0
    ? split
    : [
        {
          source,
          program,
          kind: 'deferred',
          deferred: records,
          from: null,
          repeats: false,
          read: readNothing,
        },
        ...split,
      ]
}

function savedOf({ saved }: RangeChoice, source: string): SourcePosition | null {
  return saved.get(source) ?? null
}

function startOf(choice: RangeChoice, source: string): SourcePosition | null {
  const { kind, mappings } = choice
  return kind.reads === 'everything' || mappings.history.has(source)
    ? null
    : savedOf(choice, source)
}

/**
 * What stands before the saved position, where mappings need it. Null where the whole program reads
 * all of it in one range: the first time, when the run was told to, when the source's positions are
 * no place in an order, and when aliases are joined to users, since any record may tell of that.
 */
function historyOf(choice: RangeChoice, source: string): ReadRange | null {
  const { kind, mappings, sources } = choice
  const saved = savedOf(choice, source)
  const opened = sources.get(source)
  if (
    kind.reads === 'everything' ||
    !mappings.history.has(source) ||
    promotesAliases(mappings.programs)
  )
    return null
  const readBefore = opened?.readBefore?.bind(opened)
  if (saved === null || readBefore === undefined) return null
  return {
    source,
    program: narrowProgram(entryOf(mappings.programs, source), mappings.unread),
    kind: 'history',
    deferred: [],
    from: null,
    repeats: false,
    read: (signal) => readBefore(saved, signal),
  }
}

function reading(
  { sources, upTo }: RangeChoice,
  source: string,
  from: SourcePosition | null,
): ReadRange['read'] {
  return (signal) => {
    const opened = sources.get(source)
    if (opened === undefined) throw new SyncError('INTERNAL', `No source named ${source}`)
    const to = upTo.get(source)
    if (to === undefined || opened.readBetween === undefined) return opened.read(from, signal)
    return to === null ? readNothing() : opened.readBetween(from, to, signal)
  }
}

async function* readNothing(): AsyncGenerator<RawChunk> {}
