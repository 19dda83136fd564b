import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { end, runCommand, spawnSimulator, track } from './spawned.ts'

describe('braze-simulator', () => {
  it('prints its URL first, answers, and stops on SIGTERM with everything stored', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'simulator-'))
    const users = join(directory, 'users.ndjson')
    writeFileSync(
      users,
      '{"external_id":"seeded","plan":"gold"}\n{"external_id":"other","custom_attributes":{"plan":"silver"},"cohorts":["Fans"]}\n',
    )
    const flags = [
      '--store',
      join(directory, 'store.ndjson'),
      '--seed-users',
      users,
      '--apply-delay-ms',
      '60000',
      '--api-key',
      'key:users.track',
    ]
    const first = await spawnSimulator([...flags, '--api-key', 'simulator'])

    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect((await track(first.url, { attributes: [{ external_id: 'seeded', n: 1 }] })).status).toBe(
      201,
    )
    expect(await end(first.child, 'SIGTERM')).toEqual([0, null])

    const second = await spawnSimulator(flags)
    const user = await (await fetch(`${second.url}/simulator/users/seeded`)).json()
    const other = await (await fetch(`${second.url}/simulator/users/other`)).json()
    await end(second.child, 'SIGINT')
    expect(user).toMatchObject({ custom_attributes: { plan: 'gold', n: 1 } })
    expect(other).toMatchObject({ custom_attributes: { plan: 'silver' }, cohorts: ['Fans'] })
  })

  it('stops when its standard input ends', async () => {
    const { child } = await spawnSimulator()
    const exit = once(child, 'exit')

    child.stdin!.end()

    expect(await exit).toEqual([0, null])
  })

  it('says what is wrong with its options, and exits with 2', async () => {
    const { code, out, error } = await runCommand(['--prot', '1'])

    expect([code, out]).toEqual([2, ''])
    expect(error).toContain("SIMULATOR_OPTION: Unknown option '--prot'")
    expect(error).toContain('--help')
  })

  it('exits with 3 when the port is taken', async () => {
    const { child, url } = await spawnSimulator()

    const { code, error } = await runCommand(['--port', new URL(url).port])
    await end(child, 'SIGTERM')

    expect(code).toBe(3)
    expect(error).toContain('SIMULATOR_PORT')
  })
})
