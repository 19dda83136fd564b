import { compileSync, mappingId } from '@engage-sync/core'
import type { CompileContext, CompiledSegment, Leaf, NormalisedSync } from '@engage-sync/core'
import { describeSync } from '../output/syncs/sync-overview.ts'
import type { SyncOverview, UnitOverview } from '../output/syncs/sync-overview.ts'
import { mappingsById } from '../plan/braze-names.ts'
import type { Costs } from './costs.ts'
import type { LastChange } from './last-change.ts'

/** One mapping or segment: where it comes from, where it goes, and what is known of it beside. */
export interface CatalogEntry extends Omit<UnitOverview, 'id' | 'timing'> {
  /** `<sync>:<section>.<key>`. */
  readonly mapping: string
  readonly description: string | null
  /** Whether events alone keep it up to date. */
  readonly real_time: boolean
  /** Why, or why not, in a sentence. */
  readonly timing: string
  /** Of a segment: mappings its conditions read, by id. */
  readonly reads: readonly string[]
  /** Of a segment: events it counts, by their names in Braze. */
  readonly counts: readonly string[]
  /** Data points of the period; null where no history was read. */
  readonly data_points: number | null
  /** Members after the last run that changed any; null where none is known to have. */
  readonly members: number | null
  /** When its lines were changed last; null where git does not know. */
  readonly last_change: LastChange | null
}

/** One sync of a catalogue. */
export interface CatalogSync extends Omit<SyncOverview, 'fingerprint' | 'mappings'> {
  readonly entries: readonly CatalogEntry[]
}

/** What goes where. Version 1 as data: extended, never renamed. */
export interface Catalog {
  readonly version: 1
  /** Null where the project has none of that name. */
  readonly environment: string | null
  /** What `data_points` are of; null where no history was read. */
  readonly period: Costs['period'] | null
  readonly syncs: readonly CatalogSync[]
}

/** What a catalogue is made of. */
export interface CatalogFacts {
  readonly environment: string | null
  readonly syncs: readonly NormalisedSync[]
  readonly context: CompileContext
  /** Null where no history could be read. */
  readonly costs: Costs | null
  /** By mapping id; of what is not there, nobody knows. */
  readonly changes: ReadonlyMap<string, LastChange>
}

/** Puts together what goes where: every sync, in the order of the files. */
export function makeCatalog(facts: CatalogFacts): Catalog {
  const { environment, syncs, costs } = facts
  return {
    version: 1,
    environment,
    period: costs?.period ?? null,
    syncs: syncs.map((sync) => catalogSync(sync, facts)),
  }
}

function catalogSync(sync: NormalisedSync, facts: CatalogFacts): CatalogSync {
  const overview = describeSync(sync, facts.context)
  const { name, path, enabled, description, owner, tags, source, mappings } = overview
  const segments = new Map(
    compileSync(sync, facts.context).segments.map((segment) => [segment.id, segment]),
  )
  const written = mappingsById([sync])
  return {
    name,
    path,
    enabled,
    description,
    owner,
    tags,
    source,
    entries: mappings.map((unit) => ({
      mapping: unit.id,
      kind: unit.kind,
      key: unit.key,
      description: written.get(unit.id)?.description ?? null,
      type: unit.type,
      attribute: unit.attribute,
      events: unit.events,
      cohort: unit.cohort,
      subscription_group: unit.subscription_group,
      backfill: unit.backfill,
      real_time: unit.timing.mode === 'real time',
      timing: unit.timing.reason,
      ...readBy(segments.get(unit.id), overview),
      data_points: facts.costs === null ? null : (facts.costs.dataPoints.get(unit.id) ?? 0),
      members: facts.costs?.members.get(unit.id) ?? null,
      last_change: facts.changes.get(unit.id) ?? null,
    })),
  }
}

/** What the conditions of a segment look at; of all else, nothing. */
function readBy(
  segment: CompiledSegment | undefined,
  { name: sync, mappings }: SyncOverview,
): Pick<CatalogEntry, 'reads' | 'counts'> {
  const leaves: readonly Leaf[] = segment?.filter.leaves ?? []
  const known = new Set(mappings.map(({ id }) => id))
  const operands = leaves.flatMap((leaf) =>
    leaf.type === 'event' ? (leaf.narrow === null ? [] : [leaf.narrow]) : [leaf.operand],
  )
  const ids = operands.flatMap(({ kind, key }) =>
    (kind === 'audience' ? ['audiences'] : ['traits', 'enrichment'])
      .map((section) => mappingId({ sync, section, key }))
      .filter((id) => known.has(id)),
  )
  const counts = leaves.flatMap((leaf) => (leaf.type === 'event' ? [leaf.name] : []))
  return { reads: [...new Set(ids)], counts: [...new Set(counts)] }
}
