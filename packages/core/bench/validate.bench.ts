import { hasErrors } from '../src/config/document/diagnostics.ts'
import type { ConfigFile } from '../src/config/document/file-kind.ts'
import { loadConfig } from '../src/config/load.ts'
import { compileSyncs } from '../src/mapping/compile.ts'

// Reads and checks a configuration of 500 syncs of about 1 KB, and prints what it cost as one line
// of JSON. Run: node --conditions=engage-sync-source bench/validate.bench.ts [files]
const FILES = Number(process.argv[2] ?? 500)

const PROJECT: ConfigFile = {
  path: 'configs/engage-sync.yaml',
  text: 'version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }\n',
}

/**
 * A sync like those people write: comments, both forms, an event, a cohort, a filter with a
 * pattern.
 */
function syncFile(number: number): ConfigFile {
  const text = `# yaml-language-server: $schema=../packages/core/schema/sync.json
version: 1
description: Dormant shoppers of shop ${number}, what they looked at last, and what they are worth.
owner: lifecycle-team
tags: [lifecycle, shop-${number}]
source: engage
identity:
  external_id: userId
traits:
  # Short form: this trait becomes the custom attribute of that name.
  last_item_${number}: last_item_${number}
  lifetime_value_${number}:
    attribute: ltv_${number}
    type: number
    event: Trait Computed
    on_null: unset
audiences:
  dormant_${number}:
    attribute: dormant_${number}
    on_exit: false
    event: { entered: Audience Entered, exited: Audience Exited }
    cohort: Dormant shoppers ${number}
segments:
  # Dormant now, last looked at a sweater, and bought something.
  sweater_fans_${number}:
    when:
      all:
        - { trait: last_item_${number}, matches: '^(sweater|jumper)s?$' }
        - { audience: dormant_${number}, equals: true }
        - { event: Trait Computed, more_than: ${number % 50}, within_days: 30 }
    cohort: Sweater fans ${number}
`
  return { path: `configs/shop-${number}.yaml`, text }
}

const files = [PROJECT, ...Array.from({ length: FILES }, (_, number) => syncFile(number))]
const bytes = files.reduce((sum, { text }) => sum + text.length, 0)

const before = process.cpuUsage()
const loaded = loadConfig(files)
const read = process.cpuUsage(before)
if (hasErrors(loaded.diagnostics))
  throw new Error(`the syncs of this bench are invalid: ${loaded.diagnostics[0].code}`)
const middle = process.cpuUsage()
const compiled = compileSyncs(loaded)
const compile = process.cpuUsage(middle)

const seconds = ({ user, system }: NodeJS.CpuUsage) => Number(((user + system) / 1e6).toFixed(3))
console.log(
  JSON.stringify({
    bench: 'validate',
    files: files.length,
    bytes_per_file: Math.round(bytes / files.length),
    cpu_seconds: seconds(read),
    compile_cpu_seconds: seconds(compile),
    segments: compiled.reduce((sum, { segments }) => sum + segments.length, 0),
    diagnostics: loaded.diagnostics.length,
  }),
)
