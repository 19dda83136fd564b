import { joinDottedName, splitDottedName } from '../names/dotted-name.ts'
import type { DottedName } from '../names/dotted-name.ts'
import { mappingId, readMappingId } from '../names/mapping-id.ts'
import type {
  NormalisedAudience,
  NormalisedMapping,
  NormalisedSegment,
  NormalisedTrait,
} from '../model/mapping.ts'
import type { NormalisedSync } from '../model/sync.ts'
import type { FilterConfig } from '../schema/filter.ts'
import type { CompiledSync } from './compiled.ts'

/** A mapping's key, and what it was before it moved. */
interface Rename {
  readonly section: string
  readonly now: string
  readonly before: string
}

/**
 * A sync as it was before some of its moves: its mappings under their former keys, and filters that
 * read those.
 *
 * Shape: as many of everything, in the same order, so that names alone differ.
 *
 * @param moves - as `moved:` says them, without the sync's name
 */
export function beforeMoves(sync: NormalisedSync, moves: CompiledSync['moved']): NormalisedSync {
  const renames = moves.map(renameOf)
  const former = <Unit extends NormalisedMapping>(
    section: string,
    units: ReadonlyMap<string, Unit>,
  ): readonly Unit[] =>
    [...units.values()].map((unit) => {
      const key = renames.find((one) => one.section === section && one.now === unit.key)?.before
      return key === undefined
        ? unit
        : { ...unit, key, id: mappingId({ sync: sync.name, section, key }) }
    })
  const traits = (section: string, units: NormalisedSync['traits']): NormalisedTrait[] =>
    former(section, units).map((trait) => ({ ...trait, source: splitDottedName(trait.key) }))
  const segments = former<NormalisedSegment>('segments', sync.segments)
  return {
    ...sync,
    traits: byKey(traits('traits', sync.traits)),
    enrichment: byKey(traits('enrichment', sync.enrichment)),
    audiences: byKey(former<NormalisedAudience>('audiences', sync.audiences)),
    segments: byKey(segments.map((one) => ({ ...one, when: formerFilter(one.when, renames) }))),
    moved: [],
  }
}

function renameOf({ from, to }: CompiledSync['moved'][number]): Rename {
  const { section, key: now } = readMappingId(`:${to}`)
  return { section, now, before: readMappingId(`:${from}`).key }
}

function byKey<Unit extends NormalisedMapping>(units: readonly Unit[]): ReadonlyMap<string, Unit> {
  return new Map(units.map((unit) => [unit.key, unit]))
}

/** The same conditions, on what traits and audiences were called. */
function formerFilter(filter: FilterConfig, renames: readonly Rename[]): FilterConfig {
  return formerPart(filter, renames) as FilterConfig
}

function formerPart(part: unknown, renames: readonly Rename[]): unknown {
  if (Array.isArray(part)) return part.map((one: unknown) => formerPart(one, renames))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(
    Object.entries(part).map(([member, value]: [string, unknown]) => {
      if (COMBINING.has(member)) return [member, formerPart(value, renames)]
      const section = READING.get(member)
      if (section === undefined || typeof value !== 'string') return [member, value]
      return [member, formerKey(value, section, renames)]
    }),
  )
}

/** Members of a condition that hold other conditions, and those that name what it reads. */
const COMBINING: ReadonlySet<string> = new Set(['all', 'any', 'not'])
const READING: ReadonlyMap<string, string> = new Map([
  ['trait', 'traits'],
  ['audience', 'audiences'],
])

function formerKey(key: string, section: string, renames: readonly Rename[]): string {
  const read = splitDottedName(key)
  for (const rename of renames) {
    const rest = rename.section === section ? below(splitDottedName(rename.now), read) : null
    if (rest === null) continue
    const { name, path } = splitDottedName(rename.before)
    return joinDottedName({ name, path: [...path, ...rest] })
  }
  return key
}

/** What a filter reads below a mapping's key; null where it reads another one. */
function below(key: DottedName, read: DottedName): readonly string[] | null {
  const isSame = key.name === read.name && key.path.every((part, at) => part === read.path[at])
  return isSame ? read.path.slice(key.path.length) : null
}
