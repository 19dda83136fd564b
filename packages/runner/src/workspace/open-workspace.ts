import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compileSync, resolveSecrets, SyncError } from '@engage-sync/core'
import type { CompiledSync, NormalisedEnvironment, NormalisedSync, SecretSources, Source, StateStore } from '@engage-sync/core'
import type { EngineOptions } from '../engine/index.ts'
import type { Io } from '../io.ts'
import { openSource } from '../open-source.ts'
import { loadDecodeAhead, loadDecoder, openDestination } from '../registry.ts'
import type { OpenDestination, Place } from '../registry.ts'
import { compileContext } from './compile-context.ts'
import { readValidConfig } from './config-files.ts'
import type { ReadConfig } from './config-files.ts'
import { environmentDirectory, openState } from './open-state.ts'
import { sourceConfigs, wantedKeys } from './sources.ts'

/** Where an environment lives on this machine, with its secrets resolved. */
export interface OpenEnvironment {
  readonly config: ReadConfig
  readonly secrets: SecretSources
  /** Its secrets are values. */
  readonly environment: NormalisedEnvironment
  readonly place: Place
}

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
 * Reads a configuration that is free of errors and resolves the secrets of one environment.
 *
 * @throws {SyncError} `CONFIG_…`, `SECRET_…`
 */
export function openEnvironment(io: Io, flags: { readonly configs: string; readonly env: string }): OpenEnvironment {
  const config = readValidConfig({ configs: flags.configs, cwd: io.cwd, environment: flags.env })
  const named = config.project?.environment ?? null
  if (named === null) throw new SyncError('CONFIG_UNKNOWN_ENVIRONMENT', `There is no environment ${flags.env}`)
  const secrets: SecretSources = { env: io.env, readFile: (path) => readFileSync(resolve(config.root, path), 'utf8') }
  return {
    config,
    secrets,
    environment: resolveSecrets(named, secrets),
    place: { root: config.root, directory: environmentDirectory(config.root, named.name), stdin: io.stdin },
  }
}

/** Compiles the syncs that can run, as the environment's Braze workspace takes them. */
export function compileSyncs(syncs: readonly NormalisedSync[], environment: NormalisedEnvironment): readonly CompiledSync[] {
  const context = compileContext(environment)
  return syncs.filter(({ enabled }) => enabled).map((sync) => compileSync(sync, context))
}

/**
 * Opens an environment for a run or a plan: state, sources, destination.
 *
 * @throws {SyncError} `STATE_…`, `SOURCE_…`, `SECRET_…`
 */
export async function openWorkspace(opened: OpenEnvironment, syncs: readonly NormalisedSync[]): Promise<Workspace> {
  const { environment, place } = opened
  const compiled = compileSyncs(syncs, environment)
  const store = await openState({ environment, root: place.root, create: 'if-local' })
  try {
    const sources = await openSources(opened, syncs, compiled)
    const braze = await openDestination(environment, place)
    const close = async () => {
      await braze.close()
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

async function openSources(
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
