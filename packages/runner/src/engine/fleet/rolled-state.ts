import type { Json, MappingRecord, StateStore } from '@engage-sync/core'
import { OwnedState } from './owned-state.ts'
import type { Owned } from './owned-state.ts'

/** What a state will say once all partitions are in line with a configuration. */
export interface InLine {
  readonly mappings: readonly MappingRecord[]
  /** Values, by key. */
  readonly values: ReadonlyMap<string, Json>
}

/**
 * A state as it will be once all partitions are in line with the newest configuration, for who works
 * on some that are: others are not yet, so it says nothing of that itself.
 */
export class RolledState extends OwnedState {
  readonly #inLine: InLine

  constructor(store: StateStore, owned: Owned, inLine: InLine) {
    super(store, owned)
    this.#inLine = inLine
  }

  override async mappings(): Promise<readonly MappingRecord[]> {
    const ahead = new Set(this.#inLine.mappings.map(({ id }) => id))
    const others = (await super.mappings()).filter(({ id }) => !ahead.has(id))
    return [...others, ...this.#inLine.mappings]
  }

  override async values(prefix: string): Promise<ReadonlyMap<string, Json>> {
    const ahead = [...this.#inLine.values].filter(([key]) => key.startsWith(prefix))
    return new Map([...(await super.values(prefix)), ...ahead])
  }
}
