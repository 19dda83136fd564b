import { parseSource } from '@engage-sync/contract'
import type { Change, Source, SourcePosition } from '@engage-sync/contract'
import { decodeRecord } from '../decode/index.ts'
import type { DecodeOptions } from '../decode/index.ts'

/** Options of `changes`. */
export interface ChangesOptions extends DecodeOptions {
  /** Where to go on reading: a `position` given before. Default: the beginning. */
  readonly from?: SourcePosition | null
  readonly signal?: AbortSignal
  /** Told of each chunk that was given whole: its position may be stored, to go on from there. */
  readonly onPosition?: (position: SourcePosition) => void
}

const NEVER = new AbortController().signal

/**
 * Every change a source holds, one by one: `for await (const change of changes(source))`.
 *
 * Shape: as `decodeRecord` gives them, in the order of the source; what is skipped, rejected or a
 * request to forget a user gives none. Integers that no double holds are bigints.
 */
export async function* changes(
  source: Source,
  options: ChangesOptions = {},
): AsyncGenerator<Change> {
  const { from = null, signal = NEVER, onPosition, ...decoding } = options
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for await (const { bytes, spans, count, position } of source.read(from, signal)) {
    for (let record = 0; record < count; record++) {
      const value = parse(() =>
        parseSource(decoder.decode(bytes.subarray(spans[record * 2], spans[record * 2 + 1]))),
      )
      const decoded = value === undefined ? null : decodeRecord(value, decoding)
      if (decoded?.type === 'changes') yield* decoded.changes
    }
    onPosition?.(position)
  }
}

/** Undefined for what is no JSON. */
function parse(read: () => unknown): unknown {
  try {
    return read()
  } catch {
    return undefined
  }
}
