import { compileSync, entryOf } from '@engage-sync/core'
import type { Diagnostic, NormalisedSync, SourceRange } from '@engage-sync/core'
import type { NamedKey, SpaceFinding } from '@engage-sync/segment'
import { loadSpaceTools } from '../adapters/registry.ts'
import { excerptAt } from './excerpt.ts'
import type { OnlineContext, OnlineFindings } from './findings.ts'
import { readSpace } from './space.ts'
import type { OpenSpace } from './space.ts'

/** A key that a sync names, where, and the mapping it belongs to. */
interface PlacedKey extends NamedKey {
  readonly id: string
  readonly range: SourceRange
}

/**
 * Compares the keys of syncs with what the space computes. Enrichment is no computation and is not
 * asked about.
 */
export async function compareWithSegment(
  { config, syncs, io }: OnlineContext,
  space: OpenSpace,
): Promise<OnlineFindings> {
  const keys = syncs.flatMap(placedKeys)
  const { compareWithSpace } = await loadSpaceTools()
  const contents = await readSpace(space, io.signal)
  const found = keys.flatMap((key) =>
    compareWithSpace([key], contents, { unlistedTrait: 'warning' }).map((finding) => ({
      key,
      finding,
    })),
  )
  const remarks = new Map<string, string[]>()
  for (const { key, finding } of found) {
    if (finding.severity === 'info')
      remarks.set(key.id, [...(remarks.get(key.id) ?? []), `Segment: ${finding.message}`])
  }
  const diagnostics = found.flatMap(({ key, finding }) =>
    asDiagnostic(key, finding, excerptAt(config.files, key.range)),
  )
  return { diagnostics, remarks }
}

function asDiagnostic(
  { range }: PlacedKey,
  { severity, code, message, hint }: SpaceFinding,
  excerpt: string,
): readonly Diagnostic[] {
  if (severity === 'info') return []
  return [{ ...range, excerpt, severity, code, message, ...(hint === undefined ? {} : { hint }) }]
}

/** What is mapped, at its key; what only filters read, at the filter. */
function placedKeys(sync: NormalisedSync): readonly PlacedKey[] {
  const placed = new Map<string, PlacedKey>()
  const add = (key: PlacedKey) => {
    const text = `${key.kind} ${key.key}`
    if (!placed.has(text)) placed.set(text, key)
  }
  for (const { id, source, keyRange } of sync.traits.values())
    add({ id, kind: 'trait', key: source.name, range: keyRange })
  for (const { id, key, keyRange } of sync.audiences.values())
    add({ id, kind: 'audience', key, range: keyRange })
  const ranges = new Map([...sync.segments.values()].map(({ id, whenRange }) => [id, whenRange]))
  for (const { id, filter } of compileSync(sync).segments) {
    const range = entryOf(ranges, id)
    for (const leaf of filter.leaves)
      if (leaf.type !== 'event') add({ id, kind: leaf.operand.kind, key: leaf.operand.key, range })
  }
  return [...placed.values()]
}
