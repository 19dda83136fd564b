import type { NormalisedMembership, NormalisedSegment, NormalisedSync } from '../config/model.ts'
import type { ValueType } from '../config/schema/filter.ts'
import { splitDottedName } from '../mapping/dotted-name.ts'
import { traitTypesOf } from '../mapping/trait-types.ts'
import type { FilterScope } from './check.ts'
import { conditionsOf, operandText, readFilter } from './condition.ts'

/**
 * What the filter of a segment may refer to.
 *
 * Shape: known are the traits and audiences that any sync maps and those that any other segment reads; events are those
 * that any mapping of the project sends. Types are those of the segment's own sync.
 */
export function filterScope(
  segment: NormalisedSegment,
  sync: NormalisedSync,
  project: { readonly syncs: readonly NormalisedSync[]; readonly timeZone?: string },
): FilterScope {
  const { typeOf } = traitTypesOf(sync)
  const known = knownKeys(project.syncs, segment)
  const traits = new Map<string, ValueType | null>()
  for (const text of known.traits) {
    const { name, path } = splitDottedName(text)
    traits.set(text, typeOf({ kind: 'trait', key: name, path }))
  }
  return {
    traits,
    audiences: known.audiences,
    enrichment: new Set(sync.enrichment.keys()),
    eventNames: eventNames(project.syncs),
    ...(project.timeZone === undefined ? {} : { timeZone: project.timeZone }),
  }
}

function knownKeys(syncs: readonly NormalisedSync[], except: NormalisedSegment): { traits: Set<string>; audiences: Set<string> } {
  const traits = new Set<string>()
  const audiences = new Set<string>()
  for (const sync of syncs) {
    for (const { source } of sync.traits.values()) traits.add(operandText({ kind: 'trait', key: source.name, path: source.path }))
    for (const key of sync.audiences.keys()) audiences.add(key)
    for (const segment of sync.segments.values()) {
      if (segment.id === except.id) continue
      for (const { condition } of conditionsOf(readFilter(segment.when))) {
        const operand = condition.kind === 'event' ? condition.narrow : condition.operand
        if (operand !== null) (operand.kind === 'audience' ? audiences : traits).add(operandText(operand))
      }
    }
  }
  return { traits, audiences }
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
