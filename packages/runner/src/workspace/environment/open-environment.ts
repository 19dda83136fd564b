import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { compileSync, listSecrets, resolveSecrets, SyncError } from '@engage-sync/core'
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
  /** Its secrets are values, but for those that are missing. */
  readonly environment: NormalisedEnvironment
  /** References that nothing stands for; none where they were asked for. */
  readonly missing: readonly string[]
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
  return openWith(io, flags, () => [])
}

/**
 * The same where secrets are missing: what needs them keeps their references. Nothing of it may be
 * sent, or opened, that still has one.
 *
 * @throws {SyncError} `CONFIG_…`
 */
export function openAsFarAsKnown(io: Io, flags: EnvironmentFlags): OpenEnvironment {
  return openWith(io, flags, missingOf)
}

function missingOf(secrets: SecretSources, references: readonly string[]): readonly string[] {
  return references.filter((reference) => {
    try {
      resolveSecrets(reference, secrets)
      return false
    } catch {
      return true
    }
  })
}

/** Sources of secrets in which a reference that nothing stands for names itself. */
function keeping({ env, readFile }: SecretSources, missing: readonly string[]): SecretSources {
  const named = missing.map((reference) => [reference.slice('${'.length, -1), reference])
  const kept = Object.fromEntries(named) as Readonly<Record<string, string>>
  return {
    env: { ...env, ...kept },
    readFile: (path) => kept[`file:${path}`] ?? readFile(path),
  }
}

function openWith(io: Io, flags: EnvironmentFlags, missingIn: typeof missingOf): OpenEnvironment {
  const { isEnvDefault = false } = flags
  const config = readRunnableConfig({
    configs: flags.configs,
    cwd: io.cwd,
    ...(!isEnvDefault && { environment: flags.env }),
  })
  const found = config.project?.environment ?? null
  if (found === null) throw unknownEnvironment(config, flags.env)
  // Who is told needs no secret before there is something to tell: a plan does without.
  const { notify } = found
  const named = { ...found, notify: [] }
  const inSyncs = config.syncs.map(({ source }) => source.config)
  const readFile = (path: string) => readFileSync(resolve(config.root, path), 'utf8')
  const given = { env: io.env, readFile }
  const missing = missingIn(given, listSecrets([named, inSyncs]))
  const secrets = keeping(given, missing)
  return {
    config,
    secrets,
    missing,
    environment: { ...resolveSecrets(named, secrets), notify },
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
