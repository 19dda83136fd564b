import { resolve } from 'node:path'
import { loadConfig } from '@engage-sync/core'
import { readConfigFiles } from './config-files.ts'
import type { ReadConfig } from './config-files.ts'

/** Where to read, and for which environments. */
export interface CheckPlace {
  readonly configs: string
  readonly cwd: string
  /** The environment asked for; null checks against every environment of the project. */
  readonly environment: string | null
}

/** A configuration with the mistakes it has in any of the environments looked at. */
export interface CheckedConfig extends ReadConfig {
  readonly environments: readonly string[]
}

/** Reads a configuration directory and checks it, against one environment or all of them. */
export function checkEnvironments({ configs, cwd, environment }: CheckPlace): CheckedConfig {
  const files = readConfigFiles(configs, cwd)
  const loaded = loadConfig(
    files,
    environment === null ? { everyEnvironment: true } : { environment },
  )
  const environments =
    environment === null ? [...(loaded.project?.environments.keys() ?? [])] : [environment]
  return { ...loaded, environments, files, root: resolve(cwd, configs, '..') }
}
