import type { NormalisedMembership, NormalisedSegment } from '../model/mapping.ts'
import type { NormalisedSync } from '../model/sync.ts'
import { splitDottedName } from '../names/dotted-name.ts'
import type { FilterScope } from './finding.ts'
import type { LeafOperand } from './compiled.ts'
import { conditionsOf, operandText, readFilter } from './condition.ts'
import { traitTypesOf } from './trait-types.ts'
import type { TraitTypes } from './trait-types.ts'

/** Everything filters may refer to; each segment sees a part of it. */
interface Project {
  readonly syncs: readonly NormalisedSync[]
  /** Zone of dates without one. */
  readonly timeZone?: string
}

/**
 * What the filter of a segment may refer to.
 *
 * Shape: known are the traits and audiences that any sync maps and those that any other segment
 * reads; events are those that any mapping of the project sends. Types are those of the segment's
 * own sync.
 */
export function filterScope(
  segment: NormalisedSegment,
  sync: NormalisedSync,
  project: Project,
): FilterScope {
  return filterScopes(project)(segment, sync)
}

/**
 * The same for all segments of a project: what they share is collected once, so that many syncs
 * cost no more than each.
 */
export function filterScopes({
  syncs,
  timeZone,
}: Project): (segment: NormalisedSegment, sync: NormalisedSync) => FilterScope {
  const traits = new KnownKeys()
  const audiences = new KnownKeys()
  for (const sync of syncs) {
    for (const { source } of sync.traits.values())
      traits.map(operandText({ kind: 'trait', key: source.name, path: source.path }))
    for (const key of sync.audiences.keys()) audiences.map(key)
    for (const segment of sync.segments.values()) {
      for (const operand of operandsOf(segment))
        (operand.kind === 'audience' ? audiences : traits).read(operandText(operand), segment.id)
    }
  }
  const names = eventNames(syncs)
  const types = new Map<NormalisedSync, TraitTypes>()
  return (segment, sync) => {
    const known = types.get(sync) ?? traitTypesOf(sync)
    types.set(sync, known)
    return {
      traits: {
        has: (text) => traits.has(text, segment.id),
        keys: () => traits.keys(segment.id),
        get: (text) => {
          if (!traits.has(text, segment.id)) return undefined
          const { name, path } = splitDottedName(text)
          return known.typeOf({ kind: 'trait', key: name, path })
        },
      },
      audiences: {
        has: (key) => audiences.has(key, segment.id),
        keys: () => audiences.keys(segment.id),
      },
      enrichment: new Set(sync.enrichment.keys()),
      eventNames: names,
      ...(timeZone === undefined ? {} : { timeZone }),
    }
  }
}

/**
 * Keys that are mapped, and keys that segments read: a segment's own reading does not make a key
 * known to it.
 */
class KnownKeys {
  readonly #mapped = new Set<string>()
  readonly #readers = new Map<string, Set<string>>()

  map(key: string): void {
    this.#mapped.add(key)
  }

  read(key: string, segment: string): void {
    const readers = this.#readers.get(key)
    if (readers === undefined) this.#readers.set(key, new Set([segment]))
    else readers.add(segment)
  }

  has(key: string, exceptSegment: string): boolean {
    if (this.#mapped.has(key)) return true
    const readers = this.#readers.get(key)
    return readers !== undefined && (readers.size > 1 || !readers.has(exceptSegment))
  }

  keys(exceptSegment: string): readonly string[] {
    return [...new Set([...this.#mapped, ...this.#readers.keys()])].filter((key) =>
      this.has(key, exceptSegment),
    )
  }
}

function operandsOf({ when }: NormalisedSegment): readonly LeafOperand[] {
  return conditionsOf(readFilter(when))
    .map(({ condition }) => (condition.kind === 'event' ? condition.narrow : condition.operand))
    .filter((operand) => operand !== null)
}

/** Every event name that the mappings and segments of the syncs send. */
export function eventNames(syncs: readonly NormalisedSync[]): ReadonlySet<string> {
  const names = new Set<string>()
  const addMembership = ({ event, send }: NormalisedMembership) => {
    for (const name of [event?.entered, event?.exited]) if (send && name) names.add(name.trim())
  }
  for (const sync of syncs) {
    for (const { event, send } of [...sync.traits.values(), ...sync.enrichment.values()])
      if (send && event !== null) names.add(event.name.trim())
    for (const audience of sync.audiences.values()) addMembership(audience)
    for (const segment of sync.segments.values()) addMembership(segment)
  }
  return names
}
