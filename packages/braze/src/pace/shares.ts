/** What one process may use of a limit. Instants are those of whoever keeps the book. */
export interface RateShare {
  /** Requests of a window that are its own, used or not. */
  readonly granted: number
  /** How many it would use. */
  readonly wanted: number
  /** From then on it uses none of them, unless it asked again. Milliseconds. */
  readonly expiresAt: number
  /** From then on none of them counts at Braze any more. Milliseconds. */
  readonly freeAt: number
}

/** Who may use how much of one limit, by process. Plain JSON. */
export type RateBook = Readonly<Record<string, RateShare>>

/** What a process asks for. */
export interface ShareAsked {
  readonly worker: string
  /** Requests in a window, of all processes together. */
  readonly total: number
  /** What it cannot do without, since it used it: the rest it gave back. */
  readonly held: number
  readonly wanted: number
  /** How long what it gets is good, milliseconds. */
  readonly ttlMs: number
  /** How long a request that leaves at the very end may count, milliseconds. */
  readonly countsMs: number
}

/** What it gets. */
export interface ShareGiven {
  /** No more than this leaves; what it uses beyond comes back as it is over. */
  readonly target: number
  readonly granted: number
}

/** A process that wants nothing keeps this part of its fair share, so that it can begin. */
const IDLE_PART = 8

/**
 * Divides a limit among processes, and never gives more than there is.
 *
 * Shape: the book after it, and what the process may use from now on. Whoever wants less than its
 * fair share leaves the rest to those who want more. What others use stays theirs until they give it
 * back; what a dead process had is free once none of its requests can count any more.
 */
export function renewShare(
  before: RateBook,
  asked: ShareAsked,
  nowMs: number,
): { readonly book: RateBook; readonly given: ShareGiven } {
  const { worker, total, wanted, ttlMs, countsMs } = asked
  const others = Object.entries(before).filter(
    ([name, { freeAt }]) => name !== worker && freeAt > nowMs,
  )
  const own = before[worker]
  const known = own !== undefined && own.freeAt > nowMs ? own.granted : 0
  const held = Math.min(asked.held, known)
  // Others may have been given more of a limit that is smaller now.
  const left = Math.max(0, total - grantedTo(others))
  const target = Math.min(fairShare(others, asked, nowMs), left)
  const granted = Math.min(Math.max(held, target), left)
  const expiresAt = nowMs + ttlMs
  const share = { granted, wanted, expiresAt, freeAt: expiresAt + countsMs }
  return {
    book: { ...Object.fromEntries(others), [worker]: share },
    given: { target, granted },
  }
}

/**
 * Fills all needs evenly: those that are smaller than the rest's are met whole. What does not divide
 * is one more for those whose names come first.
 */
function fairShare(
  others: readonly (readonly [string, RateShare])[],
  { worker, total, wanted }: Pick<ShareAsked, 'worker' | 'total' | 'wanted'>,
  nowMs: number,
): number {
  const live = others.filter(([, { expiresAt }]) => expiresAt > nowMs)
  const floor = Math.floor(total / (live.length + 1) / IDLE_PART)
  const needs = [
    [worker, wanted] as const,
    ...live.map(([name, one]) => [name, one.wanted] as const),
  ]
    .map(([name, want]) => ({ name, need: Math.min(total, Math.max(want, floor)) }))
    .toSorted((one, other) => one.need - other.need)
  let rest = total - (grantedTo(others) - grantedTo(live))
  for (const [met, { name, need }] of needs.entries()) {
    const hungry = needs.slice(met).map((one) => one.name)
    const level = Math.floor(rest / hungry.length)
    if (need > level) {
      const isFirst = hungry.toSorted().indexOf(worker) < rest - level * hungry.length
      // Where there is not one for everybody, who comes first has it.
      return Math.max(1, level + (isFirst ? 1 : 0))
    }
    if (name === worker) return need
    rest -= need
  }
  return 0
}

function grantedTo(those: readonly (readonly [string, RateShare])[]): number {
  return sumOf(those.map(([, { granted }]) => granted))
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
