import type { NormalisedAudience, NormalisedSegment, NormalisedTrait } from '../../model/mapping.ts'
import type { ConfigPath } from '../../model/source-range.ts'
import type { NormalisedSync } from '../../model/sync.ts'
import type { DottedName } from '../../names/dotted-name.ts'
import type { ConfigDocument } from '../document/document.ts'
import type { LoadedSync, RuleContext } from './rule.ts'

/** A section of a sync that maps keys. */
export type Section = 'traits' | 'enrichment' | 'audiences' | 'segments'
/** The sections that map keys, in the order of the docs. */
export const SECTIONS: readonly Section[] = ['traits', 'enrichment', 'audiences', 'segments']

/** One mapping of one sync, with its file. */
export interface PlacedMapping {
  readonly document: ConfigDocument
  readonly sync: NormalisedSync
  readonly section: Section
  readonly key: string
  readonly path: ConfigPath
  readonly mapping: NormalisedTrait | NormalisedAudience | NormalisedSegment
  /** The options as written; the short form is `attribute`. */
  readonly written: Readonly<Record<string, unknown>>
}

/** Lists the mappings of one sync in the order of the file's sections. */
export function mappingsOfSync(loaded: LoadedSync): readonly PlacedMapping[] {
  const { document, sync, config } = loaded
  return SECTIONS.flatMap((section) =>
    [...sync[section].values()].map((mapping) => {
      const written = config[section]?.[mapping.key]
      return {
        document,
        sync,
        section,
        key: mapping.key,
        path: [section, mapping.key],
        mapping,
        written: typeof written === 'object' ? { ...written } : { attribute: written },
      }
    }),
  )
}

/** Lists the mappings of all syncs that can run, by file. */
export function enabledMappings(context: RuleContext): readonly PlacedMapping[] {
  return context.syncs.filter(({ sync }) => sync.enabled).flatMap(mappingsOfSync)
}

/** Names every event a mapping can send. */
export function eventNamesOf({ mapping }: PlacedMapping): readonly string[] {
  if (mapping.event === null || !mapping.send) return []
  if ('name' in mapping.event) return [mapping.event.name]
  return [mapping.event.entered, mapping.event.exited].filter((name) => name !== null)
}

/** Says where a mapping stands: `traits.ltv in shoppers.yaml, line 12`. */
export function whereIs(placed: PlacedMapping, from: ConfigDocument): string {
  const file =
    placed.document.path === from.path ? '' : ` in ${placed.document.path.split('/').at(-1)}`
  return `${placed.section}.${placed.key}${file} (line ${placed.mapping.keyRange.line})`
}

/** A dotted name in full: `preferences.size`. */
export function fullName({ name, path }: DottedName): string {
  return [name, ...path].join('.')
}
