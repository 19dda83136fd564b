import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, it, onTestFinished } from 'vitest'
import { programIn } from '../live-program.ts'
import { audienceLine, makeProject } from '../project.ts'

const SYNC = `version: 1
source: engage
backfill: true
identity: { external_id: userId, create_users: true }
audiences:
  vip: { attribute: vip }
segments:
  ordinary: { when: { not: { audience: vip, equals: true } }, attribute: ordinary }
`

it('tells a value again that came back after the process died with another one on its way', async () => {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const lines: string[] = []
  const project = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: '${simulator.url}', api_key: '\${KEY}', settle: 0s, verify_after: 0s }
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml': SYNC,
  })
  const runWith = (line: string, killAt?: string) => {
    lines.push(line)
    project.write('data/events.ndjson', `${lines.join('\n')}\n`)
    return programIn(project.root)(['run'], killAt)
  }
  const held = async () => {
    const answer = await fetch(`${simulator.url}/simulator/users/ada`)
    return ((await answer.json()) as { readonly custom_attributes: unknown }).custom_attributes
  }

  await runWith(audienceLine('ada', 'vip', true, 1))
  const killed = await runWith(audienceLine('ada', 'vip', false, 2), 'after-send')
  const between = await held()
  await runWith(audienceLine('ada', 'vip', true, 3))

  expect(killed).toMatchObject({ signal: 'SIGKILL' })
  expect(between).toEqual({ vip: false, ordinary: true })
  expect(await held()).toEqual({ vip: true, ordinary: false })
}, 60_000)
