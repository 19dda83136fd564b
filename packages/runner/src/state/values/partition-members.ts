import { isJsonObject } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'
import { NamedValues } from './named-value.ts'
import type { StoredValue } from './named-value.ts'

const members = new NamedValues<ReadonlyMap<string, number>>('members:', {
  encode: (counts) => Object.fromEntries(counts),
  decode: (stored) => {
    if (!isJsonObject(stored)) return undefined
    const counts = new Map<string, number>()
    for (const [id, count] of Object.entries(stored)) {
      if (typeof count !== 'number') return undefined
      counts.set(id, count)
    }
    return counts
  },
})

/**
 * Members of a partition an hour ago, by mapping or segment id: its owner among several workers
 * tells the others. Whoever works alone takes them away.
 */
export const partitionMembers = {
  /** By partition. @throws {StateError} `STATE_UNREADABLE` */
  async readAll(
    store: Pick<StateStore, 'values'>,
  ): Promise<ReadonlyMap<number, ReadonlyMap<string, number>>> {
    const stored = await members.readAll(store)
    return new Map([...stored].map(([partition, counts]) => [Number(partition), counts]))
  },

  stored(partition: number, counts: ReadonlyMap<string, number>): StoredValue {
    return { ...members.stored(String(partition), counts), partition }
  },

  cleared(partition: number): StoredValue {
    return members.cleared(String(partition))
  },
}
