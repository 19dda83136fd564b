import type { NatsAccess } from './access.ts'
import { asked } from './connection.ts'
import type { NatsConnection } from './connection.ts'

/** Sequences of which no message came, the last one not among them. */
interface Gap {
  readonly from: number
  readonly to: number
}

/**
 * Sequences that a reading passed: they are of other subjects, were deleted, or the limits of the
 * stream removed them before they could be read.
 */
export class Gaps {
  #next: number | null
  readonly #gaps: Gap[] = []

  /** @param next - the first sequence that may come; null where that is not known */
  constructor(next: number | null) {
    this.#next = next
  }

  /** A message came. */
  read(sequence: number): void {
    if (this.#next !== null && sequence > this.#next)
      this.#gaps.push({ from: this.#next, to: sequence })
    this.#next = sequence + 1
  }

  /** How many messages of what was passed since it was asked last the limits removed, at most. */
  async removed({ manager }: NatsConnection, { stream }: NatsAccess): Promise<number> {
    const gaps = this.#gaps.splice(0)
    if (gaps.length === 0) return 0
    const { state } = await asked('the stream', () => manager.streams.info(stream))
    // Limits remove from the beginning.
    const removed = ({ from, to }: Gap) => Math.max(0, Math.min(state.first_seq, to) - from)
    return gaps.reduce((sum, gap) => sum + removed(gap), 0)
  }
}
