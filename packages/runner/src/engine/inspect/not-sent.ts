import type { ResolvedMappings } from '../mappings/index.ts'
import type { InspectedSlot } from './inspected.ts'

/** Why a mapping that looked at all there is sent nothing. */
export const NOT_READ = 'no record of it was read for this user'

type Inspected = Omit<InspectedSlot, 'whyNot'>

/** Why mappings sent nothing of a user, as far as the state knows. */
export class NotSent {
  readonly #added: ReadonlySet<string>
  readonly #changed: ReadonlySet<string>
  readonly #segments: ReadonlySet<string>
  /** When a mapping without backfill began. */
  readonly #births: ReadonlyMap<string, number>

  constructor({ units, records, changes }: ResolvedMappings) {
    this.#added = new Set(changes.added)
    this.#changed = new Set(changes.changed)
    this.#segments = new Set(units.filter(({ isSegment }) => isSegment).map(({ id }) => id))
    const backfilled = new Set(units.filter(({ backfill }) => backfill).map(({ id }) => id))
    this.#births = new Map(
      records.filter(({ id }) => !backfilled.has(id)).map(({ id, bornAt }) => [id, bornAt]),
    )
  }

  /** Null where something was sent, or refused, or where a filter decides. */
  of({ mapping, timeMs, run, known, digest, refused }: Inspected): string | null {
    if (refused !== null || this.#segments.has(mapping)) return null
    if (timeMs === null) return this.#neverSeen(mapping)
    if (run !== null) return null
    const born = this.#births.get(mapping)
    if (born !== undefined && timeMs < born)
      return `it came before the mapping, which began ${new Date(born).toISOString()} without backfill`
    const saysNothing = digest === null || known === 'unset' || known === 'false'
    return saysNothing ? 'there was nothing to take back: nothing was sent before' : null
  }

  /** Whether a mapping or segment is new, or means something else, since the last run. */
  isBehind(mapping: string): boolean {
    return this.#added.has(mapping) || this.#changed.has(mapping)
  }

  #neverSeen(mapping: string): string {
    if (this.#added.has(mapping)) return 'the mapping is new: the next run looks at it'
    if (this.#changed.has(mapping)) return 'the mapping changed: the next run looks at it'
    return NOT_READ
  }
}
