import { CLASS_NAMES, MemoryRun, readEvent, withDigits, writeSource } from '@engage-sync/core'
import type {
  CompiledSync,
  DecodePlan,
  MemoryRejection,
  MemoryUpdate,
  RowDecoder,
  SeenEvent,
  SourceJson,
} from '@engage-sync/core'

/** What became of one record, before anything is packed. */
export interface Trace {
  /** From 1. */
  readonly record: number
  /** What it says; null when it is no event of Engage. */
  readonly event: SeenEvent | null
  /** The class it is counted in. */
  readonly class: (typeof CLASS_NAMES)[number]
  /** Why it was skipped or rejected. */
  readonly reasons: readonly { readonly code: string; readonly message: string }[]
  /** Keys no mapping wants. */
  readonly unmapped: readonly string[]
  readonly rejected: readonly MemoryRejection[]
  readonly updates: readonly MemoryUpdate[]
}

/** What the records are folded by. */
export interface TraceContext {
  readonly syncs: readonly CompiledSync[]
  readonly createDecoder: (plan: DecodePlan) => RowDecoder
  readonly nowMs: number
}

/**
 * Takes records through decoding, folding and planning, one after another.
 *
 * Shape: one trace a record, in order. Nothing was known before the first; each counts as delivered
 * for the next.
 */
export function traceRecords(
  records: readonly SourceJson[],
  context: TraceContext,
): readonly Trace[] {
  const run = new MemoryRun(context)
  return records.map((record, index) => {
    const { updates, rejected, folder } = run.batch([writeSource(record)])
    const number = folder.totals.records.findIndex((count) => count > 0)
    return {
      record: index + 1,
      event: readEvent(withDigits(record)),
      class: CLASS_NAMES[number] ?? 'skipped',
      reasons: folder.reasons.list().map(({ code, example }) => ({ code, message: example })),
      unmapped: folder.unmapped.list().map(({ code }) => code),
      rejected,
      updates,
    }
  })
}
