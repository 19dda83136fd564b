import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/main.ts'
import { fakeIo } from '../fake-io.ts'
import { makeProject, traitLine } from '../project.ts'
import { configDirectory, PROJECT, SHOP, tempDirectory } from '../temp-directory.ts'
import { runCommand } from '../run-command.ts'

/** Starts the command, waits until it says where it listens, runs `work`, and interrupts it. */
async function whileRunning(
  argv: readonly string[],
  cwd: string,
  work: (about: Record<string, string>) => Promise<void>,
): Promise<number> {
  const stop = new AbortController()
  const said = Promise.withResolvers<string>()
  const io = fakeIo({ cwd, signal: stop.signal })
  const ended = main([...argv, '--format', 'json'], {
    ...io,
    stdout: { ...io.stdout, write: said.resolve },
  })
  await work(JSON.parse(await said.promise) as Record<string, string>)
  stop.abort()
  return ended
}

describe('simulator', () => {
  it('listens until it is interrupted, and says how to reach it', async () => {
    const cwd = configDirectory({ 'shop.yaml': SHOP })
    const code = await whileRunning(['simulator'], cwd, async (about) => {
      expect(about).toMatchObject({ version: 1, api_key: 'simulator', partner: 'simulator' })
      const answer = await fetch(`${about['url']}/users/track`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${about['api_key']}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ attributes: [{ external_id: 'u1', ltv: 1 }] }),
      })
      expect(answer.status).toBe(201)
    })

    expect(code).toBe(0)
    expect(readFileSync(join(cwd, '.engage-sync/local/simulator.ndjson'), 'utf8')).toContain('u1')
    expect(readFileSync(join(cwd, '.engage-sync/.gitignore'), 'utf8')).toBe('*\n')
  })

  it('takes what commands of its environment send while it is up', async () => {
    const event = {
      type: 'identify',
      userId: 'u7',
      messageId: 'm',
      timestamp: '2026-01-05T10:00:00Z',
      context: {
        personas: {
          computation_class: 'trait',
          computation_key: 'ltv',
          computation_id: 'x',
          space_id: 'spa_1',
        },
      },
      traits: { ltv: 5 },
    }
    const cwd = configDirectory({ 'shop.yaml': SHOP })
    await whileRunning(['simulator'], cwd, async ({ url }) => {
      const { code } = await runCommand(['debug', '--send'], { cwd, stdin: JSON.stringify(event) })
      const ledger = await (await fetch(`${url}/simulator/ledger`)).text()

      expect(code).toBe(0)
      expect(ledger).not.toContain('"data_points":0')
    })

    expect(existsSync(join(cwd, '.engage-sync/local/simulator.url'))).toBe(false)
  })

  it('runs in memory alone without any configuration', async () => {
    const cwd = tempDirectory({})
    const code = await whileRunning(['simulator', '--memory'], cwd, async ({ url }) =>
      expect((await fetch(`${url}/simulator/ledger`)).status).toBe(200),
    )

    expect([code, existsSync(join(cwd, '.engage-sync'))]).toEqual([0, false])
  })

  it('refuses an environment with a real Braze, and a port that is none', async () => {
    const project = `${PROJECT}  production: { braze: { instance: US-03, api_key: '\${KEY}' } }\n`
    const cwd = configDirectory({ 'engage-sync.yaml': project, 'shop.yaml': SHOP })
    const real = await runCommand(['simulator', '--env', 'production'], { cwd })
    const port = await runCommand(['simulator', '--port', '70000'], { cwd })

    expect([real.code, port.code]).toEqual([2, 2])
    expect(real.err).toContain('CONFIG_NOT_SIMULATED')
  })

  it('says that the port is taken', async () => {
    const cwd = tempDirectory({})
    await whileRunning(['simulator', '--memory'], cwd, async ({ url }) => {
      const { code, err } = await runCommand(
        ['simulator', '--memory', '--port', new URL(url!).port],
        { cwd },
      )

      expect(code).toBe(3)
      expect(err).toContain('SIMULATOR_PORT')
    })
  })
})

describe('an environment whose simulator another command has for itself', () => {
  it('is said to be at work, as where another run has the lease', async () => {
    const { root } = makeProject({ 'data/a.ndjson': traitLine('ada', 'lifetime_value', 1) })
    await runCommand(['run'], { cwd: root })
    const store = join(root, '.engage-sync/local/simulator.ndjson')
    const other = await startSimulator({ store })

    const { code, err } = await runCommand(['run'], { cwd: root })
    await other.close()
    const after = await runCommand(['run'], { cwd: root })

    expect(code).toBe(8)
    expect(err).toContain('Another command is at work in this environment')
    expect(err).toContain('engage-sync simulator')
    expect(after.code).toBe(0)
  })
})
