import type { CompiledSync, NormalisedSync, Source, StateStore } from '@engage-sync/core'
import { isSpooled, openSource } from '../adapters/open-source.ts'
import { loadDecodeAhead, loadDecoder, openDestination } from '../adapters/registry.ts'
import type { OpenDestination } from '../adapters/registry.ts'
import { openSharing } from '../adapters/shared-pace.ts'
import type { EngineOptions } from '../engine/index.ts'
import { keepOutOfGit } from './environment/directory.ts'
import type { StateAccess } from '../state/format/identity.ts'
import { compileSyncs } from './environment/open-environment.ts'
import type { OpenEnvironment } from './environment/open-environment.ts'
import { sourceConfigs, wantedKeys } from './environment/sources.ts'
import { openState } from './state/open-state.ts'

/** An environment with everything a run works on opened. */
export interface Workspace extends OpenEnvironment {
  readonly syncs: readonly CompiledSync[]
  readonly sources: ReadonlyMap<string, Source>
  readonly createDecoder: EngineOptions['createDecoder']
  readonly decodeAhead: EngineOptions['decodeAhead']
  readonly store: StateStore
  readonly braze: OpenDestination
  close(): Promise<void>
}

/**
 * Opens an environment for a run or a plan: state, sources, destination.
 *
 * @param access - to the state; a run writes, a plan reads; one of a fleet writes beside others, and
 *   shares Braze's limits with them
 * @throws {SyncError} `STATE_…`, `SOURCE_…`, `SECRET_…`
 */
export async function openWorkspace(
  opened: OpenEnvironment,
  syncs: readonly NormalisedSync[],
  access: StateAccess | 'fleet' = 'write',
): Promise<Workspace> {
  const { environment, place } = opened
  const compiled = compileSyncs(syncs, environment)
  if (keepsFiles(opened, syncs)) keepOutOfGit(place.root)
  const store = await openState({
    environment,
    root: place.root,
    create: 'if-local',
    access: access === 'fleet' ? 'write' : access,
  })
  try {
    await store.verify()
    const sources = await openSources(opened, syncs, compiled)
    const { url } = environment.state
    const sharing = access === 'fleet' && url !== null ? openSharing(url) : undefined
    const braze = await openDestination(environment, place, sharing)
    const close = async () => {
      await braze.close()
      await sharing?.close()
      await store.close()
    }
    return {
      ...opened,
      syncs: compiled,
      sources,
      createDecoder: await loadDecoder(),
      decodeAhead: await loadDecodeAhead(),
      store,
      braze,
      close,
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Whether something of the environment is kept beside the configuration, wherever its state is. */
function keepsFiles(opened: OpenEnvironment, syncs: readonly NormalisedSync[]): boolean {
  return (
    opened.environment.braze.endpoint === 'simulator' ||
    [...sourceConfigs(opened, syncs).values()].some(isSpooled)
  )
}

/**
 * The sources that syncs read, opened, by name.
 *
 * @throws {SyncError} `SOURCE_…`, `SECRET_…`
 */
export async function openSources(
  opened: OpenEnvironment,
  syncs: readonly NormalisedSync[],
  compiled: readonly CompiledSync[],
): Promise<ReadonlyMap<string, Source>> {
  const { environment, place } = opened
  const opening = [...sourceConfigs(opened, syncs)].map(async ([name, config]) => {
    const keys = wantedKeys(compiled.filter(({ source }) => source === name))
    return [name, await openSource(config, environment, { ...place, name, keys })] as const
  })
  return new Map(await Promise.all(opening))
}
