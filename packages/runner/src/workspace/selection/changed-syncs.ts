import { compileSync, hasErrors, loadConfig, readMappingId } from '@engage-sync/core'
import type { CompiledSync, ConfigFile, NormalisedSync } from '@engage-sync/core'
import { compileContext } from '../configuration/compile-context.ts'
import type { ReadConfig } from '../configuration/config-files.ts'

/**
 * Names of the syncs whose meaning differs from what it was in other files: new ones, and those
 * that compile to another fingerprint. What did not compile then counts as changed.
 */
export function changedSinceFiles(
  config: ReadConfig,
  before: readonly ConfigFile[],
  options: { withCases: boolean },
): ReadonlySet<string> {
  const environment = config.project?.environment?.name
  const old = loadConfig(before, environment === undefined ? {} : { environment })
  const broken = new Set(
    old.diagnostics.filter((each) => hasErrors([each])).map(({ path }) => path),
  )
  const sound = new Map(
    old.syncs.filter(({ path }) => !broken.has(path)).map((sync) => [sync.name, sync]),
  )
  const isSame = (sync: NormalisedSync): boolean => {
    const then = sound.get(sync.name)
    if (then === undefined) return false
    return (
      fingerprintIn(config, sync) === fingerprintIn(old, then) &&
      (!options.withCases || casesOf(config.files, sync) === casesOf(before, sync))
    )
  }
  return new Set(config.syncs.filter((sync) => !isSame(sync)).map(({ name }) => name))
}

function fingerprintIn({ project }: Pick<ReadConfig, 'project'>, sync: NormalisedSync): string {
  return compileSync(sync, compileContext(project?.environment ?? null)).fingerprint
}

function casesOf(files: readonly ConfigFile[], { path }: NormalisedSync): string | undefined {
  const casesPath = path.replace(/\.ya?ml$/i, '.cases$&')
  return files.find((file) => file.path === casesPath)?.text
}

/**
 * Names of the syncs whose mappings or segments are not all what a state knows, by id and
 * fingerprint.
 */
export function changedSinceState(
  syncs: readonly CompiledSync[],
  known: readonly { readonly id: string; readonly fingerprint: string; readonly active: boolean }[],
): ReadonlySet<string> {
  const fingerprints = new Map(known.map(({ id, fingerprint }) => [id, fingerprint]))
  const changed = syncs.filter(({ name, mappings, segments }) => {
    const units = [...mappings, ...segments]
    const ids = new Set(units.map(({ id }) => id))
    const isGone = known.some(
      ({ id, active }) => active && readMappingId(id).sync === name && !ids.has(id),
    )
    return isGone || units.some(({ id, fingerprint }) => fingerprints.get(id) !== fingerprint)
  })
  return new Set(changed.map(({ name }) => name))
}
