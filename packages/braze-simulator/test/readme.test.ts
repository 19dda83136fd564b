import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { ENDPOINTS } from '../src/endpoints/table.ts'
import { SETTINGS, startSimulator } from '../src/index.ts'
import type { FaultOptions } from '../src/index.ts'
import { ACTIONS } from '../src/inspect/actions.ts'
import { VIEWS } from '../src/inspect/views.ts'
import { end, spawnSimulator } from './spawned.ts'
import type { Spawned } from './spawned.ts'

const home = fileURLToPath(new URL('..', import.meta.url))
const readme = readFileSync(`${home}/README.md`, 'utf8')
const blocks = (language: string) =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(
    ([, code]) => code,
  )
const isHere = (command: string, flag = '--version') => spawnSync(command, [flag]).status === 0

describe('the README', () => {
  let spawned: Spawned | null = null
  afterEach(async () => {
    if (spawned !== null) await end(spawned.child, 'SIGTERM')
    spawned = null
  })

  it('has an example that runs', () => {
    const [code] = blocks('ts')

    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--conditions=engage-sync-source', '--input-type=module-typescript', '--eval', code],
      {
        cwd: home,
        encoding: 'utf8',
      },
    )

    expect([stdout, stderr]).toEqual(['gold\n', ''])
  })

  it.each([
    [
      'curl',
      'bash',
      ['-c'],
      blocks('sh').find((code) => code.includes('$BRAZE'))!,
      /"plan":"gold"/,
    ],
    ['python3', 'python3', ['-c'], blocks('python')[0], /'plan': 'gold'/],
    ['ruby', 'ruby', ['-e'], blocks('ruby')[0], /plan.*gold/],
  ] as const)(
    'has an example for %s that runs, where that is installed',
    async (needed, command, flags, code, wanted) => {
      if (!isHere(needed)) return
      spawned = await spawnSimulator()

      const { stdout, stderr } = spawnSync(command, [...flags, code], {
        env: { ...process.env, BRAZE: spawned.url, no_proxy: '*' },
        encoding: 'utf8',
      })

      expect(stderr).toBe('')
      expect(stdout).toMatch(wanted)
    },
  )

  it('has faults that can be used', async () => {
    const faults = JSON.parse(blocks('json')[0]) as FaultOptions[]
    const simulator = await startSimulator()

    const answer = await fetch(`${simulator.url}/simulator/faults`, {
      method: 'POST',
      body: JSON.stringify(faults),
    })
    await simulator.close()

    expect(answer.status).toBe(200)
  })

  it('lists every switch with its default and its text', () => {
    for (const [name, { default: initial, text }] of Object.entries(SETTINGS)) {
      const row = readme.split('\n').find((line) => line.startsWith(`| \`${name}\``))
      expect(row).toContain(text)
      expect(row).toContain(Array.isArray(initial) ? 'none' : `\`${String(initial)}\``)
    }
  })

  it('lists every endpoint', () => {
    for (const [path, { method, permission }] of ENDPOINTS)
      expect(readme).toMatch(new RegExp(`\`${method} ${path}\` +\\| \`${permission}\``))
    for (const name of VIEWS.keys()) expect(readme).toContain(`/simulator/${name}`)
    for (const action of ACTIONS.keys())
      expect(readme).toContain(`\`${action.replace(' ', ' /simulator/')}`)
  })
})
