/** Why something was accepted and yet not stored as it was sent, with what to make of it. */
export const DROP_TEXTS = {
  unknown_user: 'Nobody has this identifier, and the request was not to make a profile.',
  unknown_alias:
    'No user has this alias; an alias makes a profile only with `_update_existing_only: false`.',
  string_too_long: 'A text has more than 255 characters.',
  nested_value_invalid:
    'A nested value has a bad `$time`, or a key with a dot, a dollar or a space.',
  too_large: 'An object or an array of objects has more than 100 KB.',
  not_coercible: 'The value cannot become the type that the first value of this attribute fixed.',
  invalid_time_zone: 'No time zone has this name.',
  country_unmapped: 'No country has this code or name; null was stored.',
  blocked_name: 'The name is on the block list.',
  invalid_name: 'The name is empty, has more than 255 characters, or begins with a dollar.',
  alias_exists: 'The alias, or another one of its label, is taken.',
  ambiguous_user: 'Several profiles are left, and prioritization decides for none.',
  device_of_identified_user: 'A device id reaches anonymous users only.',
  array_full: 'The array is full: values at one end of it are gone.',
  too_many_properties: 'The event has more than 256 properties; the first 256 are kept.',
  simulator_error: 'The simulator itself could not write it: a mistake worth a report.',
} as const

/** One of `DROP_TEXTS`. */
export type DropReason = keyof typeof DROP_TEXTS

/** One entry of the drop log. It holds names and ids, never values. */
export interface Drop {
  /** Number of the request. */
  readonly request: number
  readonly reason: DropReason
  /**
   * `attributes`, `events`, `purchases`, `aliases`, `identify`, `merge`, `delete`,
   * `subscription_groups` or `cohort_changes`.
   */
  readonly input: string
  readonly index: number
  /** Attribute, event or property; null when the whole object was dropped. */
  readonly name: string | null
  /** How the request named the user. */
  readonly user: string | null
}

/** What was dropped for one cause: a reason in one array, and one name if it has one. */
export interface DropCause {
  readonly reason: DropReason
  readonly input: string
  readonly name: string | null
  readonly count: number
}

interface Row extends DropCause {
  readonly request: number
  count: number
}

/** Rows of causes beyond which the oldest go. */
const MOST_ROWS = 100_000

/** The drop log: exact counts, the latest entries, and causes by request. */
export class DropLog {
  readonly counts = new Map<DropReason, number>()
  readonly entries: Drop[] = []
  /** Causes of requests up to this one are no longer told apart. */
  forgottenUpTo = 0
  #rows: Row[] = []
  readonly #ofRequest = new Map<string, Row>()

  add(drop: Drop, keep: number): void {
    this.counts.set(drop.reason, (this.counts.get(drop.reason) ?? 0) + 1)
    this.entries.push(drop)
    if (this.entries.length > keep * 2 + 16) this.entries.splice(0, this.entries.length - keep)
    this.#count(drop)
  }

  /** The latest entries, oldest first. */
  latest(keep: number): readonly Drop[] {
    return keep === 0 ? [] : this.entries.slice(-keep)
  }

  /** Sum of all counts. */
  total(): number {
    let sum = 0
    for (const count of this.counts.values()) sum += count
    return sum
  }

  /**
   * What was dropped since a request, most first. Exact where `since` is not before
   * `forgottenUpTo`.
   */
  causes(since: number): readonly DropCause[] {
    const causes = new Map<string, DropCause>()
    for (const { request, reason, input, name, count } of this.#rows) {
      if (request <= since) continue
      const key = JSON.stringify([reason, input, name])
      causes.set(key, { reason, input, name, count: count + (causes.get(key)?.count ?? 0) })
    }
    return [...causes.values()].toSorted((a, b) => b.count - a.count)
  }

  #count({ request, reason, input, name }: Drop): void {
    if (this.#rows.at(-1)?.request !== request) this.#ofRequest.clear()
    const key = JSON.stringify([reason, input, name])
    const known = this.#ofRequest.get(key)
    if (known !== undefined) {
      known.count += 1
      return
    }
    const row = { request, reason, input, name, count: 1 }
    this.#ofRequest.set(key, row)
    this.#rows.push(row)
    if (this.#rows.length <= MOST_ROWS * 1.2) return
    this.#rows = this.#rows.slice(-MOST_ROWS)
    this.forgottenUpTo = this.#rows[0]?.request ?? request
  }
}
