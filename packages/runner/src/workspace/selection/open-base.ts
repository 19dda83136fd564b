import { compileSync, hasErrors, loadConfig } from '@engage-sync/core'
import type { CompiledSync, NormalisedSync } from '@engage-sync/core'
import { compileContext } from '../configuration/compile-context.ts'
import type { Io } from '../../process/io.ts'
import { readConfigFilesAt } from './git-files.ts'

/** The configuration that a plan is compared with. */
export interface BaseConfiguration {
  readonly syncs: readonly NormalisedSync[]
  readonly compiled: readonly CompiledSync[]
  /** All that ran there, those among them that cannot be compared with today's. */
  readonly former: readonly CompiledSync[]
}

/** Where that configuration is read, and what it is compared with. */
export interface BaseRequest {
  readonly io: Pick<Io, 'cwd'>
  readonly flags: { readonly configs: string }
  /** Null: what the project is without one. */
  readonly environment: string | null
  /** Today's syncs, as they were chosen, and the same compiled. */
  readonly syncs: readonly NormalisedSync[]
  readonly compiled: readonly CompiledSync[]
}

/**
 * The syncs of a git commit that can be compared with today's: those of the same name, that read
 * the same source in the same way and name users alike. All others of today count as new.
 *
 * Shape: none where the commit has no such configuration, or one with errors in that sync.
 *
 * @throws {SyncError} `SELECT_GIT` when git is missing, or does not know the commit
 */
export function readBaseConfiguration(ref: string, request: BaseRequest): BaseConfiguration {
  const { syncs, compiled } = request
  const former = readFormerSyncs(ref, request)
  const today = new Map(syncs.map((sync) => [sync.name, sync]))
  const todayCompiled = new Map(compiled.map((sync) => [sync.name, sync]))
  const alike = former.flatMap(({ sync, compiled: before }) => {
    const now = today.get(sync.name)
    const nowCompiled = todayCompiled.get(sync.name)
    if (now === undefined || nowCompiled === undefined || !isSameSource(sync, now)) return []
    const isAlike = readsAlike(before, nowCompiled)
    return isAlike ? [{ sync: { ...sync, source: now.source }, before }] : []
  })
  return {
    syncs: alike.map(({ sync }) => sync),
    compiled: alike.map(({ before }) => before),
    former: former.map(({ compiled: before }) => before),
  }
}

/** A sync of a git commit. */
export interface FormerSync {
  readonly sync: NormalisedSync
  readonly compiled: CompiledSync
}

/**
 * The syncs that ran with the configuration of a git commit: neither disabled, nor with errors.
 *
 * @throws {SyncError} `SELECT_GIT` when git is missing, or does not know the commit
 */
export function readFormerSyncs(
  ref: string,
  { io, flags, environment }: Pick<BaseRequest, 'io' | 'flags' | 'environment'>,
): readonly FormerSync[] {
  const files = readConfigFilesAt(ref, flags.configs, io.cwd)
  const old = loadConfig(files, environment === null ? {} : { environment })
  const context = compileContext(old.project?.environment ?? null)
  const broken = new Set(
    old.diagnostics.filter((each) => hasErrors([each])).map(({ path }) => path),
  )
  return old.syncs
    .filter(({ path, enabled }) => enabled && !broken.has(path))
    .map((sync) => ({ sync, compiled: compileSync(sync, context) }))
}

function isSameSource({ source: then }: NormalisedSync, { source: now }: NormalisedSync): boolean {
  return then.name === now.name && JSON.stringify(then.config) === JSON.stringify(now.config)
}

function readsAlike(then: CompiledSync, now: CompiledSync): boolean {
  const reading = ({ source, timeField, identity, trust }: CompiledSync) =>
    JSON.stringify([source, timeField, identity, trust])
  return reading(then) === reading(now)
}
