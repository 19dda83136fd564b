import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

describe('a state that is not there', () => {
  it('is looked for and restored before a new one is made, which would send everything again', async () => {
    const { root } = makeProject({
      'configs/engage-sync.yaml':
        'version: 1\nenvironments:\n  staging: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }\n',
    })

    const { code, err } = await runCommand(['run', '--env', 'staging'], { cwd: root })

    expect(code).toBe(9)
    const steps = ['restore a backup', 'state import', 'state adopt', 'Only a new environment'].map(
      (step) => err.indexOf(step),
    )
    expect(steps).toEqual(steps.toSorted((a, b) => a - b))
    expect(steps).not.toContain(-1)
  })
})

describe('a mistake in cases', () => {
  const CASES = `version: 1
cases:
  - name: wrong
    events: [{ trait: { lifetime_value: 7 } }]
    expect: { cohorts: { Sweater fanz: true } }
`

  it('stops test and validate, and no run', async () => {
    const { root } = makeProject({
      'configs/shoppers.cases.yaml': CASES,
      'data/events.ndjson': traitLine('u1', 'lifetime_value', 7),
    })

    const codes = await Promise.all(
      ['validate', 'test', 'plan'].map(
        async (name) => (await runCommand([name], { cwd: root })).code,
      ),
    )
    const run = await runCommand(['run'], { cwd: root })

    expect([...codes, run.code]).toEqual([2, 2, 0, 0])
  })
})
