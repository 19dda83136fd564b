import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, it, onTestFinished } from 'vitest'
import { makeProject } from '../../project.ts'
import { runCommand } from '../../run-command.ts'

const PERSONAS = { computation_class: 'trait', computation_key: 'tier' }

function line(ids: Readonly<Record<string, string>>, tier: string, second: number): string {
  const timestamp = `2026-03-01T00:00:0${second}.000Z`
  const context = { personas: PERSONAS }
  return `${JSON.stringify({ type: 'identify', timestamp, ...ids, context, traits: { tier } })}\n`
}

it.each(['identify', 'merge'])(
  'a new user gets the events of the alias, and nobody is left under it, by %s',
  async (promote) => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    onTestFinished(() => simulator.close())
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': `version: 1\nenvironments:\n  local:\n    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s }\n    sources: { engage: { events: data/*.ndjson } }\n`,
      'configs/shoppers.yaml': `version: 1\nsource: engage\nidentity: { external_id: userId, alias: { from: anonymousId, label: anon, promote: ${promote} } }\ntraits: { tier: { attribute: tier, event: Tier } }\n`,
    })
    const run = async (file: string, text: string) => {
      write(`data/${file}.ndjson`, text)
      const { code } = await runCommand(['run'], { cwd: root, env: { KEY: 'simulator' } })
      expect(code).toBe(0)
      await simulator.settle()
    }

    await run('1', line({ anonymousId: 'a1' }, 'free', 1) + line({ anonymousId: 'a2' }, 'free', 1))
    await run('2', line({ anonymousId: 'a1', userId: 'ada' }, 'pro', 2))
    await run('3', line({ anonymousId: 'a2', userId: 'ada' }, 'max', 3))

    const { users } = (await (await fetch(`${simulator.url}/simulator/users`)).json()) as {
      users: readonly { external_id?: string; custom_events?: readonly unknown[] }[]
    }
    const events = promote === 'merge' ? 4 : 3
    expect(users.find(({ external_id }) => external_id === 'ada')).toMatchObject({
      custom_attributes: { tier: 'max' },
      custom_events: [{ name: 'Tier', count: events }],
    })
    expect(users).toHaveLength(promote === 'merge' ? 1 : 2)
  },
)
