/** Why something was accepted and yet not stored. */
export type DropReason =
  | 'unknown_user'
  | 'unknown_alias'
  | 'string_too_long'
  | 'nested_value_invalid'
  | 'too_large'
  | 'not_coercible'
  | 'invalid_time_zone'
  | 'country_unmapped'
  | 'blocked_name'
  | 'invalid_name'
  | 'alias_exists'
  | 'ambiguous_user'
  | 'device_of_identified_user'
  | 'array_full'
  | 'too_many_properties'
  /** The simulator itself could not write it: a mistake worth a report. */
  | 'simulator_error'

/** One entry of the drop log. It holds names and ids, never values. */
export interface Drop {
  /** Number of the request. */
  readonly request: number
  readonly reason: DropReason
  /** `attributes`, `events`, `purchases`, `aliases`, `identify`, `merge`, `delete` or `cohort_changes`. */
  readonly input: string
  readonly index: number
  /** Attribute, event or property; null when the whole object was dropped. */
  readonly name: string | null
  /** How the request named the user. */
  readonly user: string | null
}

/** The drop log: exact counts, and the latest entries. */
export class DropLog {
  readonly counts = new Map<DropReason, number>()
  readonly entries: Drop[] = []

  add(drop: Drop, keep: number): void {
    this.counts.set(drop.reason, (this.counts.get(drop.reason) ?? 0) + 1)
    this.entries.push(drop)
    if (this.entries.length > keep * 2 + 16) this.entries.splice(0, this.entries.length - keep)
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
}
