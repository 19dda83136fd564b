import type { NormalisedSync } from '../../model/sync.ts'
import type { TraitTypes } from '../trait-types.ts'

/** What a recipe is made of, and what its maker must say of it. */
export class Kitchen {
  readonly sync: NormalisedSync
  readonly types: TraitTypes
  readonly #notes = new Set<string>()
  #isExact = true

  constructor(sync: NormalisedSync, types: TraitTypes) {
    this.sync = sync
    this.types = types
  }

  /** Each once, in the order they came up. */
  get notes(): readonly string[] {
    return [...this.#notes]
  }

  /** Whether the filters take the very users of the segment. */
  get isExact(): boolean {
    return this.#isExact
  }

  /** Something to know. */
  mind(note: string): void {
    this.#notes.add(note)
  }

  /** Something that makes the filters take other users than the segment. */
  differ(note: string): void {
    this.#isExact = false
    this.#notes.add(note)
  }
}
