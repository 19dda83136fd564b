import { narrowProgram, SyncError } from '@engage-sync/core'
import type { FoldProgram, RawChunk, SourcePosition } from '@engage-sync/core'
import { AliasIndex } from '../aliases/alias-index.ts'
import { retriedRecords } from '../retry/restore-refused.ts'
import type { Session } from '../session.ts'
import { deferredRecords } from '../deferred/load.ts'

/** A part of a source, and the program that folds it. */
export interface ReadRange {
  readonly source: string
  readonly program: FoldProgram
  /**
   * `history` stands before the saved position and is read again for those who need it; `waiting` is what waited before
   * that, and nothing of the source; `letters` are the records of a retry, whatever their place was.
   */
  readonly kind: 'new' | 'history' | 'waiting' | 'letters'
  /** Records that waited for this run; folded before the source's. */
  readonly waiting: readonly string[]
  /** Where reading starts; null for the beginning. */
  readonly from: SourcePosition | null
  /** @throws {SyncError} `SOURCE_…` while it is read */
  read(signal: AbortSignal): AsyncIterable<RawChunk>
}

/**
 * What a run reads of a source, in order.
 *
 * Shape: the records of a retry; else what is new since the saved position. Before it the history, where mappings need
 * it, folded for those alone. What waited comes before both: the destination may hold what it says, which history that
 * says the same, or something newer, would hide.
 * All of it by the whole program in one stretch: the first time, when the run was told to, when the source's positions
 * are no place in an order, and when aliases are joined to users, since any record may tell of that.
 */
export function rangesOf(session: Session, source: string, saved: SourcePosition | null): readonly ReadRange[] {
  const { options, prepared, retry } = session
  const program = prepared.programs.get(source)!
  const waiting = deferredRecords(session, source)
  const told = { source, program, waiting }
  if (retry !== null)
    return [{ ...told, kind: 'letters', from: null, read: (signal) => retriedRecords(retry, { source, program }, signal) }]
  const opened = options.sources.get(source)
  const needsHistory = prepared.history.has(source)
  const from = options.reread || options.resend || needsHistory ? null : saved
  const read = (start: SourcePosition | null) => (signal: AbortSignal) => {
    if (opened === undefined) throw new SyncError('INTERNAL', `No source named ${source}`)
    return opened.read(start, signal)
  }
  const isSplit = saved !== null && needsHistory && !options.reread && !options.resend && !new AliasIndex(prepared).isNeeded
  if (!isSplit || opened?.readBefore === undefined) return [{ ...told, kind: 'new', from, read: read(from) }]
  const history: ReadRange = {
    source,
    program: narrowProgram(program, prepared.unread),
    kind: 'history',
    waiting: [],
    from: null,
    read: (signal) => opened.readBefore!(saved, signal),
  }
  const fresh: ReadRange = { source, program, kind: 'new', waiting: [], from: saved, read: read(saved) }
  return waiting.length === 0 ? [history, fresh] : [{ ...told, kind: 'waiting', from: null, read: readNothing }, history, fresh]
}

async function* readNothing(): AsyncGenerator<RawChunk> {}
