/** Points that are kept of each membership, and how far apart they are at first, milliseconds. */
const MOST_POINTS = 60
const FIRST_EVERY_MS = 5000
/** Memberships that are kept; those beyond are not shown. */
const MOST_MEMBERSHIPS = 100

/**
 * How many members each membership had since the server started.
 *
 * Bounded, however long that is: where there are too many points, every other one is dropped, and
 * they are taken half as often.
 */
export class MemberSeries {
  #everyMs = FIRST_EVERY_MS
  /** Milliseconds since the epoch, oldest first. */
  #times: number[] = []
  /** By mapping or segment id, one for each of the times; null where it was not counted. */
  #counts = new Map<string, (number | null)[]>()
  #left = 0

  /** Takes a point, where it is time for one. True where it did. */
  take(ask: () => ReadonlyMap<string, number> | null, nowMs: number): boolean {
    const last = this.#times.at(-1)
    if (last !== undefined && Math.abs(nowMs - last) < this.#everyMs) return false
    const members = ask()
    if (members === null) return false
    const ids = [...members.keys()].toSorted().slice(0, MOST_MEMBERSHIPS)
    this.#left = members.size - ids.length
    const before = this.#times.map(() => null)
    this.#counts = new Map(
      ids.map((id) => [id, [...(this.#counts.get(id) ?? before), members.get(id) ?? null]]),
    )
    this.#times.push(nowMs)
    if (this.#times.length > MOST_POINTS) this.#thin()
    return true
  }

  /** What a page shows of it: names of the configuration and numbers. */
  view(): unknown {
    const all = [...this.#counts].map(([id, counts]) => ({ id, counts }))
    return { times_ms: this.#times, memberships: all, left: this.#left }
  }

  /** The latest point stays. */
  #thin(): void {
    const isKept = (_: unknown, at: number) => (this.#times.length - 1 - at) % 2 === 0
    const counts = [...this.#counts].map(([id, each]) => [id, each.filter(isKept)] as const)
    this.#counts = new Map(counts)
    this.#times = this.#times.filter(isKept)
    this.#everyMs *= 2
  }
}
