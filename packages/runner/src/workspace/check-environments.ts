import { resolve } from 'node:path'
import { compareDiagnostics, loadConfig } from '@engage-sync/core'
import type { Diagnostic } from '@engage-sync/core'
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

/**
 * Reads a configuration directory and checks it, against one environment or all of them.
 *
 * Shape: everything but `diagnostics` is as in the first environment. A mistake that only some environments have says
 * which.
 */
export function checkEnvironments({ configs, cwd, environment }: CheckPlace): CheckedConfig {
  const files = readConfigFiles(configs, cwd)
  const first = loadConfig(files, environment === null ? {} : { environment })
  const names = environment === null ? [...(first.project?.environments.keys() ?? [])] : [environment]
  const loaded = new Map(
    names.map((name) => [name, name === first.project?.environment?.name ? first : loadConfig(files, { environment: name })]),
  )
  const diagnostics =
    loaded.size < 2 ? first.diagnostics : mergeDiagnostics(new Map([...loaded].map(([name, each]) => [name, each.diagnostics])))
  return { ...first, diagnostics, environments: names, files, root: resolve(cwd, configs, '..') }
}

function mergeDiagnostics(byEnvironment: ReadonlyMap<string, readonly Diagnostic[]>): readonly Diagnostic[] {
  const found = new Map<string, { readonly diagnostic: Diagnostic; readonly environments: string[] }>()
  for (const [environment, diagnostics] of byEnvironment) {
    for (const diagnostic of diagnostics) {
      const { path, line, column, code, message } = diagnostic
      const key = JSON.stringify([path, line, column, code, message.replaceAll(`"${environment}"`, '')])
      const known = found.get(key)
      if (known === undefined) found.set(key, { diagnostic, environments: [environment] })
      else known.environments.push(environment)
    }
  }
  const all = byEnvironment.size
  return [...found.values()].map((each) => sayWhere(each.diagnostic, each.environments, all)).toSorted(compareDiagnostics)
}

/** A message that names its environment speaks for the others too; one that names none is told where it holds. */
function sayWhere(diagnostic: Diagnostic, environments: readonly string[], all: number): Diagnostic {
  const [first, ...others] = environments
  const isNamed = diagnostic.message.includes(`"${first}"`)
  if (!isNamed && environments.length === all) return diagnostic
  if (isNamed && others.length === 0) return diagnostic
  const where = isNamed ? `the same in ${others.join(', ')}` : `in ${environments.join(', ')}`
  return { ...diagnostic, message: `${diagnostic.message} (${where})` }
}
