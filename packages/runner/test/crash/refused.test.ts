import { expect, it } from 'vitest'
import { lettersOf, programIn } from '../live-program.ts'
import { makeProject, traitLine } from '../project.ts'

/** So many that every partition has enough to write for a snapshot. */
const USERS = 8000

const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number }
`

it('tells of a value that was refused once, though the run that told died before its snapshots', async () => {
  const others = Array.from({ length: USERS }, (_, index) =>
    traitLine(`user-${index}`, 'lifetime_value', index),
  )
  const { root } = makeProject({
    'configs/shoppers.yaml': SYNC,
    'data/events.ndjson': [...others, traitLine('odd', 'lifetime_value', 'much'), ''].join('\n'),
  })
  const live = programIn(root)

  const killed = await live(['run'], 'before-snapshot')
  const next = await live(['run'])

  expect([killed.signal, next.code]).toEqual(['SIGKILL', 1])
  expect(await lettersOf(live)).toBe(1)
}, 60_000)
