import { PARTITIONS } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { FORMER_DUE } from '../format/split-due.ts'
import { NamedValue, NamedValues } from './named-value.ts'
import type { StoredValue } from './named-value.ts'

const ofPartition = new NamedValues<number>(`${FORMER_DUE}:`, {
  encode: (time) => time,
  decode: (stored) => (typeof stored === 'number' ? stored : undefined),
})

/** All of them in one value, as states before format 3 and their exports hold them. */
const ofAll = new NamedValue<readonly (number | null)[]>(
  FORMER_DUE,
  {
    encode: (times) => times,
    decode: (stored) =>
      Array.isArray(stored) && stored.every((time) => time === null || typeof time === 'number')
        ? stored
        : undefined,
  },
  [],
)

/** When users of each partition are due by time alone: milliseconds, or null where none is. */
export const nextDue = {
  /** By partition. */
  async read(store: Pick<StateStore, 'values'>): Promise<readonly (number | null)[]> {
    const former = await ofAll.read(store)
    const times = await ofPartition.readAll(store)
    return Array.from(
      { length: PARTITIONS },
      (_, partition) => times.get(String(partition)) ?? former[partition] ?? null,
    )
  },

  /** What a commit writes for one partition. */
  stored(partition: number, time: number | null): StoredValue {
    const id = String(partition)
    const value = time === null ? ofPartition.cleared(id) : ofPartition.stored(id, time)
    return { ...value, partition }
  },
}
