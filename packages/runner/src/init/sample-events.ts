import { caseRecords, loadConfig } from '@engage-sync/core'
import type { ScaffoldFile } from './scaffold.ts'

/**
 * Events for a first run without any data: those of the example's cases, as Engage would send them,
 * a user each.
 */
export function sampleEvents(configs: string, files: readonly ScaffoldFile[]): ScaffoldFile {
  const { syncs, cases } = loadConfig(files.map(({ path, text }) => ({ path, text })))
  const records = cases.flatMap((each) => {
    const sync = syncs.find(({ name }) => name === each.sync)
    if (sync === undefined) return []
    return each.cases.flatMap((testCase, index) =>
      caseRecords({ ...testCase, user: `shopper-${index + 1}` }, sync.identity),
    )
  })
  const text = records
    .map((record, index) => `${JSON.stringify({ ...record, messageId: `sample-${index + 1}` })}\n`)
    .join('')
  return { path: samplePath(configs), text, about: 'a few events to try it with' }
}

/** Paths of sources start at the parent of the configuration directory. */
function samplePath(configs: string): string {
  const parent = configs.includes('/') ? `${configs.slice(0, configs.lastIndexOf('/'))}/` : ''
  return `${parent}data/engage/sample.ndjson`
}
