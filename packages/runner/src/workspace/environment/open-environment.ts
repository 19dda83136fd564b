import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compileSync, resolveSecrets, SyncError } from '@engage-sync/core'
import type {
  CompiledSync,
  NormalisedEnvironment,
  NormalisedSync,
  SecretSources,
} from '@engage-sync/core'
import type { Place } from '../../adapters/registry.ts'
import type { Io } from '../../process/io.ts'
import { compileContext } from '../configuration/compile-context.ts'
import { readRunnableConfig } from '../configuration/config-files.ts'
import type { ReadConfig } from '../configuration/config-files.ts'
import { environmentDirectory } from './directory.ts'

/** Where an environment lives on this machine, with its secrets resolved. */
export interface OpenEnvironment {
  readonly config: ReadConfig
  readonly secrets: SecretSources
  /** Its secrets are values. */
  readonly environment: NormalisedEnvironment
  readonly place: Place
}

/** Which environment is meant. */
export interface EnvironmentFlags {
  readonly configs: string
  readonly env: string
  /** None was named: it is `env`, or the only one there is. Default false. */
  readonly isEnvDefault?: boolean
}

/**
 * Reads a configuration that is free of errors and resolves the secrets of one environment.
 *
 * @throws {SyncError} `CONFIG_…`, `SECRET_…`
 */
export function openEnvironment(io: Io, flags: EnvironmentFlags): OpenEnvironment {
  const { isEnvDefault = false } = flags
  const config = readRunnableConfig({
    configs: flags.configs,
    cwd: io.cwd,
    ...(!isEnvDefault && { environment: flags.env }),
  })
  const named = config.project?.environment ?? null
  if (named === null) throw unknownEnvironment(config, flags.env)
  const secrets: SecretSources = {
    env: io.env,
    readFile: (path) => readFileSync(resolve(config.root, path), 'utf8'),
  }
  return {
    config,
    secrets,
    environment: resolveSecrets(named, secrets),
    place: {
      root: config.root,
      directory: environmentDirectory(config.root, named.name),
      stdin: io.stdin,
    },
  }
}

function unknownEnvironment({ project }: ReadConfig, name: string): SyncError {
  const known = [...(project?.environments.keys() ?? [])]
  return new SyncError(
    'CONFIG_UNKNOWN_ENVIRONMENT',
    `No environment was named, and there is none called ${name}`,
    { hint: `Choose one: ${known.map((each) => `--env ${each}`).join(', ')}.` },
  )
}

/** Compiles the syncs that can run, as the environment's Braze workspace takes them. */
export function compileSyncs(
  syncs: readonly NormalisedSync[],
  environment: NormalisedEnvironment,
): readonly CompiledSync[] {
  const context = compileContext(environment)
  return syncs.filter(({ enabled }) => enabled).map((sync) => compileSync(sync, context))
}
