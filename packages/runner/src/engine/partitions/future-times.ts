import type { OpenPartition, RunRecord, StateStore } from '@engage-sync/core'
import { timesSetBack } from '../../state/values/values.ts'

/** How far ahead of the run a time may be, as decoders believe records, milliseconds. */
const MOST_AHEAD_MS = 86_400_000
/** How many runs are looked at for the last one. */
const MOST_RUNS = 100

/** Which times are too late to be believed, and what becomes of them; milliseconds. */
export interface TimesAhead {
  readonly after: number
  readonly to: number
}

/**
 * What a state that was made before records of the future were refused may hold, or null where
 * that was looked at once: values of a time ahead would win over all later ones.
 *
 * They are set back to the start of the last run. When their records were written is not known, but
 * that run read them, so what comes after it is newer, and what it read is not.
 */
export async function timesAhead(store: StateStore, nowMs: number): Promise<TimesAhead | null> {
  if (await timesSetBack.read(store)) return null
  const runs = await store.runs(MOST_RUNS)
  return { after: nowMs + MOST_AHEAD_MS, to: lastStart(runs, nowMs) }
}

function lastStart(runs: readonly RunRecord[], nowMs: number): number {
  const starts = runs.map(({ startedAt }) => Date.parse(startedAt))
  return starts.find((startedMs) => startedMs <= nowMs) ?? nowMs
}

/** Sets such times of an open partition back; returns where, as row and column. */
export function setTimesBack(
  { rows }: OpenPartition,
  { after, to }: TimesAhead,
): readonly (readonly [row: number, column: number])[] {
  const columns = rows.layout.columns.filter(({ kind }) => kind === 'slot')
  const places: (readonly [number, number])[] = []
  for (const { number: column } of columns) {
    for (let row = 0; row < rows.rows; row++) {
      if (rows.slots.time(row, column) <= after) continue
      rows.slots.renew(row, column, to)
      places.push([row, column])
    }
  }
  return places
}
