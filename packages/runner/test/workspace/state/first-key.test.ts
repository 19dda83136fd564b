import { startSimulator } from '@engage-sync/braze-simulator'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../../project.ts'
import { runCommand } from '../../run-command.ts'

/** A project over a simulator that is no `local` one, whose key is asked for. */
async function projectWithKey(url: string | null) {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  production:
    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s }
    sources: { engage: { events: data/*.ndjson } }
${url === null ? '' : "    state: { url: '${DATABASE_URL}' }\n"}`,
    'configs/shoppers.yaml': `version: 1
source: engage
traits: { lifetime_value: { attribute: ltv, type: number, event: Trait Computed } }
audiences: { dormant: { attribute: dormant } }
`,
    'data/1.ndjson': traitLine('u1', 'lifetime_value', 7) + audienceLine('u2', 'dormant', true),
  })
  const as = (key: string, ...argv: readonly string[]) =>
    runCommand([...argv, '--env', 'production'], {
      cwd: root,
      env: { KEY: key, DATABASE_URL: `${url}?schema=first_key` },
    })
  return { as }
}

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

describe.each(['a file', 'PostgreSQL'])('a state in %s', (place) => {
  const url = () => (place === 'a file' ? null : server.url)

  it('goes with the right key where the first run had a wrong one: nothing was delivered', async () => {
    const { as } = await projectWithKey(url())
    await as('wrong', 'state', 'init')
    const wrong = await as('wrong', 'run')

    const plan = await as('simulator', 'plan')
    const run = await as('simulator', 'run')

    expect([wrong.code, plan.code, run.code]).toEqual([4, 0, 0])
    expect((await as('simulator', 'state', 'check')).code).toBe(0)
    await as('simulator', 'state', 'reset', '--yes')
  })

  it('stays with the workspace that received something', async () => {
    const { as } = await projectWithKey(url())
    await as('simulator', 'state', 'init')
    expect((await as('simulator', 'run')).code).toBe(0)

    const { code, err } = await as('wrong', 'run')

    expect([code, err]).toEqual([9, expect.stringContaining('STATE_OTHER_WORKSPACE')])
    await as('simulator', 'state', 'reset', '--yes')
  })

  it('is still told of after the key was replaced, and says what a run needs', async () => {
    const { as } = await projectWithKey(url())
    await as('simulator', 'state', 'init')
    await as('simulator', 'run')
    const commands = [
      ['history'],
      ['history', '1'],
      ['state', 'show'],
      ['state', 'check'],
      ['dead-letters'],
      ['report'],
    ]

    for (const command of commands) {
      const before = await as('simulator', ...command)
      const after = await as('replaced', ...command)

      expect([before.code, before.err]).toEqual([0, ''])
      expect([command, after.code]).toEqual([command, 0])
      expect(after.err).toContain('engage-sync state init --new-key --env production')
    }
    expect((await as('replaced', 'run')).code).toBe(9)
    expect((await as('simulator', 'run')).code).toBe(0)
    await as('simulator', 'state', 'reset', '--yes')
  })
})
