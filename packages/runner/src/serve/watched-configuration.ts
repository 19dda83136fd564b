import { knownTexts } from '../debug/hide.ts'
import { becomes } from '../output/syncs/overview.ts'
import { describeSync } from '../output/syncs/sync-overview.ts'
import { compileContext } from '../workspace/configuration/compile-context.ts'
import { mappingPlaces } from '../workspace/configuration/mapping-places.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import type { KnownMapping, WatchedConfiguration } from './watch/index.ts'

/** What is told of mappings to somebody who looks: where each is written, and what it becomes. */
export function watchedConfiguration({
  config,
  environment,
  syncs,
  createDecoder,
}: Workspace): WatchedConfiguration {
  const enabled = config.syncs.filter((sync) => sync.enabled)
  const places = mappingPlaces(enabled)
  const context = compileContext(environment)
  const mappings = new Map<string, KnownMapping>()
  for (const unit of enabled.flatMap((sync) => describeSync(sync, context).mappings)) {
    const range = places.get(unit.id)
    const place = range === undefined ? null : `${range.path}:${range.line}`
    mappings.set(unit.id, { place, becomes: becomes(unit) })
  }
  return { syncs, mappings, createDecoder, known: knownTexts(syncs) }
}
