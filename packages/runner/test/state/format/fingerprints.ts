import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileSync, loadConfig } from '@engage-sync/core'
import { compileContext } from '../../../src/workspace/configuration/compile-context.ts'

/** The fingerprint of every sync, mapping and segment of a configuration directory, by id. */
export function fingerprintsOf(configs: string): Readonly<Record<string, string>> {
  const files = readdirSync(configs).map((name) => ({
    path: `configs/${name}`,
    text: readFileSync(join(configs, name), 'utf8'),
  }))
  const { project, syncs } = loadConfig(files, { environment: 'local' })
  const context = compileContext(project?.environment ?? null)
  const units = syncs
    .map((sync) => compileSync(sync, context))
    .flatMap(({ name, fingerprint, mappings, segments }) => [
      { id: name, fingerprint },
      ...mappings,
      ...segments,
    ])
  return Object.fromEntries(units.map(({ id, fingerprint }) => [id, fingerprint]))
}
