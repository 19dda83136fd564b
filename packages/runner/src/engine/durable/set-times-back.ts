import { PARTITIONS } from '@engage-sync/core'
import type { OpenRows, StateStore } from '@engage-sync/core'
import { timesSetBack } from '../../state/values/values.ts'
import { loadPartition, setTimesBack } from '../partitions/index.ts'
import type { TimesAhead } from '../partitions/index.ts'
import type { Committer } from './committer.ts'

/** Where the times are, and where that is written. */
interface TimesParts {
  readonly store: StateStore
  readonly rows: OpenRows
  readonly committer: Committer
  /** No run worked on the state before: it has no rows. */
  readonly isNew: boolean
}

/**
 * Sets times of the future back in all of a state, and notes that it was done: never again.
 *
 * Shape: how many there were. A run that dies on the way leaves the rest to the next.
 */
export async function setAllTimesBack(parts: TimesParts, ahead: TimesAhead): Promise<number> {
  const { store, rows, committer, isNew } = parts
  let count = 0
  for (let number = 0; number < PARTITIONS && !isNew; number++) {
    const open = await loadPartition(store, rows, number)
    const places = setTimesBack(open, ahead)
    for (const [row, column] of places) committer.deltaOf(open).column(row, column)
    if (places.length > 0) await committer.flush()
    rows.close(number)
    count += places.length
  }
  committer.setValue(timesSetBack.stored(true))
  await committer.flush()
  return count
}
