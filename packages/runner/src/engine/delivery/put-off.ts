import { MappingPlans } from '@engage-sync/core'
import type { PendingOutput, RowPlace } from '@engage-sync/core'

/** What a row was to change and did not, as guards count it: it is planned again. */
export interface PutOff {
  /** By membership, as `removals=<id>`; `deletions` for a user who is to be forgotten. */
  readonly guards: readonly string[]
  /** Of parts that certainly cost none yet. */
  readonly dataPoints: number
}

/** Nothing. */
export const NOTHING_PUT_OFF: PutOff = { guards: [], dataPoints: 0 }

/** One part: an entry, or one of its events. */
interface Part {
  readonly pending: PendingOutput
  /** Of an entry of events, how many. */
  readonly events: number
}

/** What a part of a row, as it stands, would change. */
export function changeOf(place: RowPlace, { pending, events }: Part): PutOff {
  const { id, additions, removals, dataPoints } = new MappingPlans().count(place, pending, events)
  const guards = [
    ...(additions > 0 ? [`additions=${id}`] : []),
    ...(removals > 0 ? [`removals=${id}`] : []),
  ]
  return { guards, dataPoints }
}

/** Several of one row as one. */
export function joinPutOff(all: readonly PutOff[]): PutOff {
  return {
    guards: [...new Set(all.flatMap(({ guards }) => guards))],
    dataPoints: all.reduce((sum, each) => sum + each.dataPoints, 0),
  }
}

/** The parts of rows that were sent, or were to be, and neither delivered nor refused. */
export class PutOffParts {
  /** By row, then by part. */
  readonly #rows = new Map<string, Map<string, PutOff>>()

  /**
   * A part was put off; to be told before its change is put back.
   *
   * @param isUnknown - it may have been applied all the same, and cost what it costs
   */
  note(place: RowPlace, part: Part & { readonly candidate: number }, isUnknown: boolean): void {
    const change = changeOf(place, part)
    const parts = this.#rows.get(keyOf(place)) ?? new Map<string, PutOff>()
    const name = `${part.pending.output.column}:${part.candidate}`
    this.#rows.set(keyOf(place), parts.set(name, isUnknown ? { ...change, dataPoints: 0 } : change))
  }

  /** A part that had been put off was delivered after all. */
  delivered(place: RowPlace, { output }: PendingOutput, candidate: number): void {
    if (this.#rows.size === 0) return
    this.#rows.get(keyOf(place))?.delete(`${output.column}:${candidate}`)
  }

  /** What was put off of a row, and forgets it. */
  take(place: RowPlace): readonly PutOff[] {
    const parts = this.#rows.get(keyOf(place))
    this.#rows.delete(keyOf(place))
    return parts === undefined ? [] : [...parts.values()]
  }
}

function keyOf({ open, row }: RowPlace): string {
  return `${open.rows.number}:${row}`
}
