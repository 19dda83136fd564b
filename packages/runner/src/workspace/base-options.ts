import type { BaseOptions, EngineOptions } from '../engine/index.ts'
import type { OpenEnvironment } from './environment/open-environment.ts'
import { openSources } from './open-workspace.ts'
import type { Workspace } from './open-workspace.ts'
import { readBaseConfiguration } from './selection/open-base.ts'
import type { BaseRequest } from './selection/open-base.ts'

/** A plan, opened, and where its configuration is read. */
export interface PlannedBase extends Pick<BaseRequest, 'io' | 'flags'> {
  readonly opened: OpenEnvironment
  readonly workspace: Workspace
  readonly options: EngineOptions
}

/**
 * What a plan is compared with: the same run with the configuration of another commit.
 *
 * @throws {SyncError} `SELECT_GIT` when git is missing, or does not know the commit
 */
export async function baseOptions(
  ref: string,
  { io, flags, opened, workspace, options }: PlannedBase,
): Promise<BaseOptions> {
  const { syncs, environment } = workspace
  const names = new Set(syncs.map(({ name }) => name))
  const then = readBaseConfiguration(ref, {
    io,
    flags,
    environment: environment.name,
    syncs: opened.config.syncs.filter(({ name }) => names.has(name)),
    compiled: syncs,
  })
  const sources = await openSources(opened, then.syncs, then.compiled)
  return { ...options, syncs: then.compiled, former: then.former, sources }
}
