import type { SourcePosition } from '@engage-sync/core'
import type { StoredValue } from '../../../state/values/named-value.ts'
import { unconfirmedSends } from '../../../state/values/values.ts'
import type { UnconfirmedSends } from '../../../state/values/values.ts'
import { unconfirmedEnds } from '../../durable/index.ts'

type Positions = ReadonlyMap<string, SourcePosition>

/** What is in doubt where a session begins. */
export interface DoubtsInputs {
  /** Of the state, of sources that are not followed too. */
  readonly unconfirmed: UnconfirmedSends
  /** Those that are followed. */
  readonly sources: readonly string[]
  /** Where each stands. */
  readonly positions: Positions
  /** Records of a window at most, unless a single chunk holds more. */
  readonly maxRecords: number
  /** Whether all that anybody else may have read of a source stands before a position. Default: yes. */
  readonly isPast?: ((source: string, position: SourcePosition) => boolean) | undefined
}

/**
 * What may have been sent of the records after the positions: by former processes, and by this
 * one, should it end without a word.
 */
export class Doubts {
  readonly #sources: readonly string[]
  readonly #unconfirmed: UnconfirmedSends
  /** By source: up to which of the next records former processes may have sent what they made of them. */
  readonly #ends: Map<string, readonly number[]>
  /** Records of a window that the state says may have been sent. */
  #doubted: number

  readonly #maxRecords: number
  readonly #isPast: NonNullable<DoubtsInputs['isPast']>

  constructor({ unconfirmed, sources, positions, maxRecords, isPast }: DoubtsInputs) {
    this.#maxRecords = maxRecords
    this.#isPast = isPast ?? (() => true)
    this.#sources = sources
    this.#unconfirmed = unconfirmed
    this.#ends = new Map(
      sources.map((source) => {
        const from = positions.get(source) ?? null
        return [source, unconfirmedEnds(unconfirmed, { source, kind: 'new', from })]
      }),
    )
    this.#doubted = [...this.#ends.values()]
      .flat()
      .reduce((most, end) => Math.max(most, end), maxRecords)
  }

  /** What of the next records former processes may have sent. */
  unconfirmed(positions: Positions): UnconfirmedSends {
    return new Map(
      [...this.#ends].map(([source, ends]) => [source, { isWhole: !positions.has(source), ends }]),
    )
  }

  /** So many records of a source are committed. @param position - behind them; null where there was none */
  passed(source: string, records: number, position: SourcePosition | null): void {
    const isPast = position !== null && this.#isPast(source, position)
    const most = isPast ? this.#maxRecords : Infinity
    const left = (this.#ends.get(source) ?? []).map((end) => Math.min(end - records, most))
    this.#ends.set(
      source,
      left.filter((end) => end > 0),
    )
  }

  /** Whether a window of so many records is more than the state says; it is what is stored then. */
  grow(records: number): boolean {
    if (records <= this.#doubted) return false
    this.#doubted = records
    return true
  }

  /**
   * What to store of records after the positions: so many of them may have been sent, should the
   * process end without a word.
   */
  stored(positions: Positions): StoredValue {
    const sends = new Map(this.#unconfirmed)
    for (const source of this.#sources)
      sends.set(source, { isWhole: !positions.has(source), ends: [this.#doubted] })
    return unconfirmedSends.stored(sends)
  }

  /** What to store when the session ends in good order: nothing of its own is in doubt. */
  cleared(): StoredValue {
    const sends = new Map(this.#unconfirmed)
    for (const source of this.#sources) sends.delete(source)
    return unconfirmedSends.stored(sends)
  }
}
