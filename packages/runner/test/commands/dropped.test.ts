import { startSimulator } from '@engage-sync/braze-simulator'
import { expect, it, onTestFinished } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** Two sizes of which Braze would keep the first one's type alone. */
const FILES = {
  'configs/shoppers.yaml': 'version: 1\nsource: engage\ntraits: { size: size }\n',
  'data/a.ndjson': traitLine('u1', 'size', 42) + traitLine('u2', 'size', 'large'),
}

it('a run into the simulator tells what Braze would have dropped in silence, once', async () => {
  const { root: cwd, write } = makeProject(FILES)

  const first = await runCommand(['run', '--format', 'json'], { cwd })
  write('data/b.ndjson', traitLine('u3', 'size', 43))
  const second = await runCommand(['run', '--format', 'json'], { cwd })

  expect(JSON.parse(first.out).dropped).toMatchObject([
    { reason: 'not_coercible', input: 'attributes', name: 'size', count: 1 },
  ])
  expect(JSON.parse(second.out).dropped).toBeUndefined()
})

it.each(['human', 'markdown'])('says so for people, with advice, as %s', async (format) => {
  const { root: cwd } = makeProject(FILES)

  const { out } = await runCommand(['run', '--format', format], { cwd })

  expect(out).toContain('1 value Braze would have dropped in silence')
  expect(out).toContain('size')
  expect(out.replaceAll('\\', '')).toContain('Declare the `type:` of the trait')
})

it('is not said of first exits, which are not to make anybody', async () => {
  const { root: cwd } = makeProject({
    'data/a.ndjson':
      traitLine('u1', 'lifetime_value', 3) + audienceLine('u2', 'dormant_shopper', false),
  })

  const { out } = await runCommand(['run', '--format', 'json'], { cwd })

  expect(JSON.parse(out)).toMatchObject({ users: { only_existing: 1 } })
  expect(JSON.parse(out).dropped).toBeUndefined()
})

it('is not said of an endpoint, which may be a real one', async () => {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const { root: cwd } = makeProject({
    ...FILES,
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s }
    sources: { engage: { events: data/*.ndjson } }
`,
  })

  const { out } = await runCommand(['run', '--format', 'json'], { cwd, env: { KEY: 'simulator' } })

  expect(JSON.parse(out)).toMatchObject({ braze: { attributes: 2 } })
  expect(JSON.parse(out).dropped).toBeUndefined()
})
