import type { NormalisedSync } from '@engage-sync/core'
import { compileSyncs } from '../workspace/environment/open-environment.ts'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { sourceConfigs } from '../workspace/environment/sources.ts'
import { openWorkspace } from '../workspace/open-workspace.ts'
import type { Workspace } from '../workspace/open-workspace.ts'
import { refuseAlone } from './refuse-alone.ts'

/**
 * Opens an environment for one of several processes that do a run together: they share Braze's
 * limits, and a simulator.
 *
 * @throws {SyncError} `CONFIG_RUN_ALONE`, and what opening it otherwise throws
 */
export async function openForParts(
  opened: OpenEnvironment,
  syncs: readonly NormalisedSync[],
): Promise<Workspace> {
  const { environment, place } = opened
  const compiled = compileSyncs(syncs, environment)
  refuseAlone({ environment, syncs: compiled, sources: sourceConfigs(opened, syncs) })
  const shared = { ...opened, place: { ...place, sharesSimulator: true } }
  return await openWorkspace(shared, syncs, 'fleet')
}
