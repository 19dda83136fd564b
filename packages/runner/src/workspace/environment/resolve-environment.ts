import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { resolveSecrets, SyncError } from '@engage-sync/core'
import type { NormalisedEnvironment, SecretSources } from '@engage-sync/core'
import type { Io } from '../../process/io.ts'
import type { ReadConfig } from '../configuration/config-files.ts'

/**
 * Where the secrets of a configuration come from: the process's environment, and files beside the
 * project.
 */
export function secretSources(
  { root }: Pick<ReadConfig, 'root'>,
  { env }: Pick<Io, 'env'>,
): SecretSources {
  return { env, readFile: (path) => readFileSync(resolve(root, path), 'utf8') }
}

/**
 * The environment a configuration was read for, its secrets still references.
 *
 * @throws {SyncError} `CONFIG_UNKNOWN_ENVIRONMENT`
 */
export function environmentOf({ project }: Pick<ReadConfig, 'project'>): NormalisedEnvironment {
  const environment = project?.environment ?? null
  if (environment === null)
    throw new SyncError('CONFIG_UNKNOWN_ENVIRONMENT', 'The project has no such environment')
  return environment
}

/**
 * The same with its secrets in place of their references.
 *
 * @throws {SyncError} `SECRET_MISSING`, `SECRET_UNREADABLE`, `CONFIG_UNKNOWN_ENVIRONMENT`
 */
export function resolveEnvironment(config: ReadConfig, io: Pick<Io, 'env'>): NormalisedEnvironment {
  return resolveSecrets(environmentOf(config), secretSources(config, io))
}
