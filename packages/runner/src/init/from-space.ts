import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { loadConfig, resolveSecrets, SyncError } from '@engage-sync/core'
import type { NormalisedEnvironment } from '@engage-sync/core'
import type { Io } from '../process/io.ts'
import { openSpace, readSpace } from '../online/space.ts'
import { loadSpaceTools } from '../adapters/registry.ts'
import { readConfigFiles } from '../workspace/configuration/config-files.ts'
import { secretSources } from '../workspace/environment/resolve-environment.ts'
import { schemaLine } from './schema-line.ts'
import type { ScaffoldFile } from './scaffold.ts'

/** Which space to read, and what to call the sync. */
export interface SpaceRequest {
  readonly configs: string
  readonly environment: string
  /** Name of the sync, and so of its file. */
  readonly name: string
  /** Ids of the Braze destinations in Segment whose mappings tell what happens today. */
  readonly destinations: readonly string[]
}

/**
 * Drafts a sync from what a Segment space computes and does today.
 *
 * @throws {SyncError} `CONFIG_NO_PUBLIC_API`, `CONFIG_MISSING`, `SECRET_…`, `SOURCE_…`
 */
export async function syncFromSpace(request: SpaceRequest, io: Io): Promise<ScaffoldFile> {
  const { configs, name, destinations } = request
  const path = `${configs}/${name}.yaml`
  const environment = readEnvironment(request, io)
  const space = await openSpace(environment, io)
  const contents = await readSpace(space, io.signal)
  const subscriptions = await Promise.all(
    destinations.map((id) => space.api.listSubscriptions(id, io.signal)),
  )
  const { starterYaml } = await loadSpaceTools()
  const [source = 'engage'] = environment.sources.keys()
  const text = starterYaml({ ...contents, subscriptions: subscriptions.flat(), source })
  return {
    path,
    text: schemaLine('sync', path, io.cwd) + text,
    about: `${contents.computedTraits.length} traits and ${contents.audiences.length} audiences of the space`,
  }
}

/** The project file alone matters: its directory may hold no sync yet. */
function readEnvironment({ configs, environment }: SpaceRequest, io: Io): NormalisedEnvironment {
  if (!existsSync(resolve(io.cwd, join(configs, 'engage-sync.yaml')))) {
    throw new SyncError('CONFIG_MISSING', `There is no ${configs}/engage-sync.yaml`, {
      hint: 'Run `engage-sync init` first, put your space under `segment` of an environment, then name that with --env.',
    })
  }
  const { project } = loadConfig(readConfigFiles(configs, io.cwd), { environment })
  const named = project?.environment ?? null
  if (named === null) {
    const known = [...(project?.environments.keys() ?? [])].join(', ')
    throw new SyncError(
      'CONFIG_UNKNOWN_ENVIRONMENT',
      `The project has no environment ${environment}`,
      { hint: `There are: ${known}.` },
    )
  }
  const sources = secretSources({ root: resolve(io.cwd, configs, '..') }, io)
  const segment =
    named.segment === null
      ? null
      : resolveSecrets({ ...named.segment, profileApiToken: null }, sources)
  return { ...named, segment }
}
