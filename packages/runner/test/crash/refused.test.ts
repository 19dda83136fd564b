import { spawnSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'

const BIN = new URL('../../src/bin.ts', import.meta.url).pathname

/** So many that every partition has enough to write for a snapshot. */
const USERS = 8000

const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number }
`

it('tells of a value that was refused once, though the run that told died before its snapshots', () => {
  const others = Array.from({ length: USERS }, (_, index) => traitLine(`user-${index}`, 'lifetime_value', index))
  const { root } = makeProject({
    'configs/shoppers.yaml': SYNC,
    'data/events.ndjson': [...others, traitLine('odd', 'lifetime_value', 'much'), ''].join('\n'),
  })
  const engageSync = (argv: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    spawnSync(process.execPath, ['--conditions=engage-sync-source', BIN, ...argv], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...env },
    })

  const killed = engageSync(['run'], { ENGAGE_SYNC_KILL_AT: 'before-snapshot' })
  const next = engageSync(['run'])
  const letters = JSON.parse(engageSync(['dead-letters', '--format', 'json']).stdout) as { readonly total: number }

  expect([killed.signal, next.status]).toEqual(['SIGKILL', 1])
  expect(letters.total).toBe(1)
}, 60_000)
