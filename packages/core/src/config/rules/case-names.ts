import { eventNames } from '../../filter/scope.ts'
import { conditionsOf } from '../../filter/written.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import { splitDottedName } from '../../names/dotted-name.ts'
import { enabledMappings, mappingsOfSync } from './mappings.ts'
import type { LoadedSync, RuleContext } from './rule.ts'

/** What the cases of one sync may name. */
export interface CaseNames {
  /** First parts of keys: `address` stands for `address.city`, too. */
  readonly traits: ReadonlySet<string>
  readonly enrichment: ReadonlySet<string>
  readonly audiences: ReadonlySet<string>
  readonly segments: ReadonlySet<string>
  readonly attributes: ReadonlySet<string>
  /** Events this sync sends. */
  readonly events: ReadonlySet<string>
  /** Events any sync sends: filters may count them. */
  readonly allEvents: ReadonlySet<string>
  readonly cohorts: ReadonlySet<string>
  readonly subscriptionGroups: ReadonlySet<string>
}

/** Collects what a sync maps, what its filters read, and what it writes. */
export function caseNamesOf(loaded: LoadedSync, context: RuleContext): CaseNames {
  const { sync } = loaded
  const read = readByFilters(sync)
  const mappings = mappingsOfSync(loaded).map(({ mapping }) => mapping)
  const identity =
    sync.identity.externalId.from === 'traits' ? sync.identity.externalId.path.slice(0, 1) : []
  const roots = (keys: Iterable<string>) => [...keys].map((key) => splitDottedName(key).name)
  return {
    traits: new Set([...roots(sync.traits.keys()), ...roots(read.traits), ...identity]),
    enrichment: new Set([
      ...roots(sync.enrichment.keys()),
      ...roots(sync.traits.keys()),
      ...identity,
    ]),
    audiences: new Set([...sync.audiences.keys(), ...read.audiences]),
    segments: new Set(sync.segments.keys()),
    attributes: new Set([
      ...mappings.flatMap(({ attribute }) => (attribute === null ? [] : [attribute.name])),
      ...sync.retire.map(({ attribute }) => splitDottedName(attribute).name),
    ]),
    events: eventNames([sync]),
    allEvents: eventNames([
      ...new Set([sync, ...enabledMappings(context).map((placed) => placed.sync)]),
    ]),
    cohorts: new Set(
      mappings.flatMap((mapping) =>
        'cohort' in mapping && mapping.cohort !== null ? [mapping.cohort.name] : [],
      ),
    ),
    subscriptionGroups: new Set(
      mappings.flatMap((mapping) =>
        'subscriptionGroup' in mapping && mapping.subscriptionGroup !== null
          ? [mapping.subscriptionGroup.id]
          : [],
      ),
    ),
  }
}

function readByFilters(sync: NormalisedSync): {
  readonly traits: ReadonlySet<string>
  readonly audiences: ReadonlySet<string>
} {
  const traits = new Set<string>()
  const audiences = new Set<string>()
  for (const { when } of sync.segments.values()) {
    for (const { condition } of conditionsOf(when)) {
      if ('trait' in condition && condition.trait !== undefined) traits.add(condition.trait)
      if ('audience' in condition && condition.audience !== undefined)
        audiences.add(condition.audience)
    }
  }
  return { traits, audiences }
}
