import { entryOf } from '@engage-sync/contract'
import type { ComputationKind, WantedKey } from '@engage-sync/contract'

/** Finds the indexes of a plan's keys by kind and name; one name may be wanted at several paths. */
export class WantedKeys {
  readonly #indexes: ReadonlyMap<ComputationKind, Map<string, number[]>>

  constructor(keys: readonly WantedKey[]) {
    this.#indexes = new Map([
      ['trait', new Map<string, number[]>()],
      ['audience', new Map<string, number[]>()],
      ['enrichment', new Map<string, number[]>()],
    ])
    keys.forEach(({ kind, key }, index) => {
      const ofKind = entryOf(this.#indexes, kind)
      const list = ofKind.get(key)
      if (list === undefined) ofKind.set(key, [index])
      else list.push(index)
    })
  }

  /** Indexes into the plan's keys, or undefined when nobody wants this one. */
  of(kind: ComputationKind, key: string): readonly number[] | undefined {
    return entryOf(this.#indexes, kind).get(key)
  }
}
