import { NOTHING_RECOVERED } from '../../../state/values/values.ts'
import type { Recovered } from '../../../state/values/values.ts'
import { eventsOfMark } from '../../../state/values/mark-intent.ts'
import { decideMarks } from '../../durable/index.ts'
import type { OpenRequest } from '../../delivery/index.ts'
import type { Partitions } from '../../partitions/index.ts'
import type { Holds } from './holds.ts'

type Deciding = Omit<Parameters<typeof decideMarks>[0], 'rows'>

interface Undecided {
  readonly sinceAt: number
  readonly users: ReadonlySet<string>
}

/** Requests with events that have no answer: their users wait until they are decided. */
export class UndecidedMarks {
  readonly #marks = new Map<string, Undecided>()
  readonly #holds: Holds
  /** How old a request must be, milliseconds. */
  readonly #afterMs: number

  /** @param afterMs - how long after a request it is decided, milliseconds */
  constructor(holds: Holds, afterMs: number) {
    this.#holds = holds
    this.#afterMs = afterMs
  }

  /** After how long the next one is to be decided, milliseconds; Infinity for none. */
  get idleMs(): number {
    let due = Infinity
    for (const { sinceAt } of this.#marks.values()) due = Math.min(due, sinceAt + this.#afterMs)
    return Math.max(0, due - performance.now())
  }

  /** Its users wait for that from now on; they are held already. */
  add({ mark, events, sinceMs }: OpenRequest): void {
    const users = new Set(events.map(({ event }) => event.user))
    this.#marks.set(mark, { sinceAt: sinceMs, users })
    this.#holds.mark(users, 1)
  }

  /** Decides what is old enough, and lets its users go on. Durable with the next commit. */
  async decide(partitions: Partitions, deciding: Deciding): Promise<Recovered> {
    if (this.idleMs > 0) return NOTHING_RECOVERED
    const isOld = (id: string) => {
      const mark = this.#marks.get(id)
      return mark !== undefined && performance.now() - mark.sinceAt >= this.#afterMs
    }
    const marks = (await deciding.store.openMarks()).filter(({ id }) => isOld(id))
    for (const { partition } of marks.flatMap(eventsOfMark)) await partitions.open(partition)
    const ageOf = () => this.#afterMs
    const asked = { marks, ageOf, mostWaitMs: 0, isSettled: true, before: NOTHING_RECOVERED }
    const { recovered } = await decideMarks({ ...deciding, rows: partitions.rows }, asked)
    for (const id of [...this.#marks.keys()].filter(isOld)) this.#end(id)
    return recovered
  }

  #end(id: string): void {
    this.#holds.mark(this.#marks.get(id)?.users ?? new Set(), -1)
    this.#marks.delete(id)
  }
}
