import { digestOf, HashIndex } from '@engage-sync/core'
import type { DeadLetter, Json, OpenPartition, StateStore } from '@engage-sync/core'
import { chosenLetters } from '../../state/reading/dead-letters.ts'
import type { LetterChoice } from '../../state/reading/dead-letters.ts'
import { decodeRejected } from '../../state/values/letter-payload.ts'

/** A pending change by its place: the candidate of an event, the entry of anything else. */
export interface RetriedChange {
  readonly entry: number
  /** -1 for attributes and memberships. */
  readonly candidate: number
}

/** Dead letters taken off the list by one commit. */
const REMOVED_AT_ONCE = 10_000

/**
 * The dead letters of a retry: those chosen that were there when it began. Read anew wherever they
 * are needed, in pages: there may be millions.
 *
 * A letter of the destination is off the list with the commit that says how its change ended, so
 * that whatever ends the retry, no event of it is sent a second time. The others go once the run is
 * whole.
 */
export class RetriedLetters {
  readonly #store: StateStore
  readonly #choice: LetterChoice
  /** Those the retry itself adds are as large, or larger. */
  readonly #end: number
  /** Ids of letters by what was made pending of them. */
  readonly #changes = new WeakMap<
    OpenPartition,
    { readonly events: number[]; readonly values: number[] }
  >()
  /**
   * Records that were rejected once more without a new letter, with the mapping that did: about 16
   * bytes each.
   */
  #kept = new HashIndex()

  private constructor(store: StateStore, choice: LetterChoice, end: number) {
    this.#store = store
    this.#choice = choice
    this.#end = end
  }

  static async begin(store: StateStore, choice: LetterChoice): Promise<RetriedLetters> {
    const [newest] = await store.deadLetters({ limit: 1 })
    return new RetriedLetters(store, choice, (newest?.id ?? 0) + 1)
  }

  /** The letters, newest first. */
  letters(): AsyncGenerator<DeadLetter> {
    return chosenLetters(this.#store, this.#choice, this.#end)
  }

  /** Notes that a letter was made pending again. */
  note(open: OpenPartition, { entry, candidate }: RetriedChange, id: number): void {
    let changes = this.#changes.get(open)
    if (changes === undefined) {
      changes = { events: [], values: [] }
      this.#changes.set(open, changes)
    }
    if (candidate >= 0) changes.events[candidate] = id
    else changes.values[entry] = id
  }

  /** The letter a pending change was made of, or null. */
  letterOf(open: OpenPartition, { entry, candidate }: RetriedChange): number | null {
    const changes = this.#changes.get(open)
    return (candidate >= 0 ? changes?.events[candidate] : changes?.values[entry]) ?? null
  }

  /**
   * Leaves the letter of a record, or of a value of it, where it is: it was rejected again, and
   * there is no new one.
   */
  keep(payload: Json): void {
    const { low, high } = digestOf(keyOf(payload))
    this.#kept.findOrAdd(low, high)
  }

  /** Forgets what belonged to a cut into passes that did not fit. */
  restart(): void {
    this.#kept = new HashIndex()
  }

  /**
   * Takes what is left off the list, once all of it was delivered, refused or overtaken.
   *
   * @param sources - those that were read, by name: what another one gave was not looked at, and
   *   stays
   */
  async removeRest(
    sources: ReadonlyMap<string, unknown>,
    remove: (ids: readonly number[]) => Promise<void>,
  ): Promise<void> {
    let ids: number[] = []
    for await (const letter of this.letters()) {
      if (this.#isKept(letter, sources)) continue
      ids.push(letter.id!)
      if (ids.length < REMOVED_AT_ONCE) continue
      await remove(ids)
      ids = []
    }
    if (ids.length > 0) await remove(ids)
  }

  #isKept({ stage, payload }: DeadLetter, sources: ReadonlyMap<string, unknown>): boolean {
    if (stage === 'destination') return false
    const { source } = decodeRejected(payload)
    if (source !== null && !sources.has(source)) return true
    if (this.#kept.count === 0) return false
    const { low, high } = digestOf(keyOf(payload))
    return this.#kept.find(low, high) >= 0
  }
}

function keyOf(payload: Json): string {
  const { text, mapping } = decodeRejected(payload)
  return `${mapping}\u0000${text}`
}
