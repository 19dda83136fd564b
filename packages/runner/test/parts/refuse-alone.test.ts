import { expect, it } from 'vitest'
import { makeProject } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** Nothing listens there: whoever gets that far fails otherwise. */
const DATABASE = '    state: { url: "postgres://nobody@127.0.0.1:1/none" }\n'

function project(source: string, more = DATABASE): string {
  return `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: ${source} }
${more}`
}

const FILES = '{ events: data/*.ndjson }'
const PROMOTES = `version: 1
source: engage
identity: { alias: { from: anonymousId, label: browser } }
traits: { plan: plan }
`

it.each([
  ['a state in a file', { 'configs/engage-sync.yaml': project(FILES, '') }],
  [
    'aliases that are joined',
    { 'configs/engage-sync.yaml': project(FILES), 'configs/shoppers.yaml': PROMOTES },
  ],
  ['standard input', { 'configs/engage-sync.yaml': project('{ events: "-" }') }],
  [
    'a webhook whose log is of one machine',
    { 'configs/engage-sync.yaml': project('{ webhook: { unsigned: true } }') },
  ],
])('several processes refuse %s, before anything is opened', async (_, files) => {
  const { root } = makeProject(files)

  for (const how of [
    ['--workers', '2'],
    ['--part', '1/2'],
  ]) {
    const { code, err } = await runCommand(['run', ...how], { cwd: root, now: Date.now })
    expect([code, err]).toEqual([2, expect.stringContaining('CONFIG_RUN_ALONE')])
  }
})

it.each([
  [['--workers', '2', '--part', '1/2'], 'USAGE_OPTION'],
  [['--start', '1'], 'USAGE_OPTION'],
  [['--workers', '2', '--start', '3'], 'USAGE_OPTION'],
  [['--workers', '0'], 'a whole number from 1 to 64'],
  [['--part', '3/2'], 'NUMBER/COUNT'],
])('%j says nothing that can be done', async (options, told) => {
  const { root } = makeProject()

  const { code, err } = await runCommand(['run', ...options], { cwd: root, now: Date.now })

  expect([code, err]).toEqual([2, expect.stringContaining(told)])
})
