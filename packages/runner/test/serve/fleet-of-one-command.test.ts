import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { traitLine } from '../project.ts'
import { EACH, namesIn, sharedProject, shownBy, toldBy } from './fleet-project.ts'
import { attributesOf } from './serving.ts'

/** A worker as the debugger tells of it. */
interface Desk {
  readonly url: string
  readonly partitions: number
  readonly here: boolean
}

it(
  'one process receives and starts those that work, and ends with them',
  { timeout: 180_000 },
  async () => {
    const { simulator, root, run, start } = await sharedProject()
    const serving = await start('--workers', '2')
    const workers = () => shownBy(run)
    await vi.waitFor(async () => {
      expect((await workers()).map(({ partitions }) => partitions.length)).toEqual([32, 32])
    }, EACH)
    const [one] = await workers()
    process.kill(pidOf(one?.name ?? ''), 'SIGKILL')

    for (let at = 0; at < 20; at++)
      await serving.post('/segment', traitLine(`many ${at}`, 'lifetime_value', at).trim())
    await vi.waitFor(async () => {
      for (let at = 0; at < 20; at++)
        expect((await attributesOf(simulator.url, `many ${at}`))['ltv']).toBe(at)
      expect((await workers()).map(({ partitions }) => partitions.length)).toEqual([32, 32])
    }, EACH)

    expect(serving.err()).toContain('another one is started')
    const desks = await vi.waitFor(async () => {
      const told = (await toldBy(serving.url, 'state')) as { readonly workers: readonly Desk[] }
      expect(told.workers.map(({ partitions }) => partitions)).toEqual([32, 32])
      return told.workers
    }, EACH)
    // What the other one works on is none of those that no mapping wants.
    for (const { url } of desks)
      expect(await (await fetch(`${url}/metrics`)).text()).toContain('class="unmapped"} 0\n')
    const owner = (await toldBy(serving.url, 'owner', '?user=many%203')) as Desk
    expect(owner.here).toBe(false)
    const other = desks.find(({ url }) => url !== owner.url)
    // Each knows who owns what since it beat last.
    await vi.waitFor(async () => {
      expect(await toldBy(owner.url, 'owner', '?user=many%203')).toMatchObject({ here: true })
      expect(await toldBy(other?.url ?? '', 'owner', '?user=many%203')).toMatchObject(owner)
    }, EACH)
    const changed = traitLine('many 3', 'lifetime_value', 77, 1).trim()
    const change = () => serving.post('/segment', changed)
    expect(await toldBy(owner.url, 'entry', '?user=many%203', change)).toMatchObject({
      source: 'engage',
    })
    const shoppers = join(root, 'configs/shoppers.yaml')
    writeFileSync(
      shoppers,
      readFileSync(shoppers, 'utf8').replace('attribute: ltv', 'attribute: worth'),
    )
    expect((await run('run')).code).toBe(8)
    expect(await run('run', '--hand-over')).toMatchObject({ code: 0 })
    expect(await run('state', 'forget', 'many 1', '--yes', '--hand-over')).toMatchObject({
      code: 0,
    })
    expect(
      (await serving.post('/segment', traitLine('many 99', 'lifetime_value', 99).trim())).status,
    ).toBe(200)
    await vi.waitFor(
      async () => expect((await attributesOf(simulator.url, 'many 99'))['worth']).toBe(99),
      EACH,
    )
    serving.child.kill('SIGTERM')
    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect(await workers()).toEqual([])
  },
)

it(
  'those that one process starts read the configuration anew with it, and end with it, however that is',
  { timeout: 180_000 },
  async () => {
    const { simulator, root, run, start, env } = await sharedProject()
    const serving = await start('--workers', '2')
    const workers = () => shownBy(run)
    const configurations = async () => (await workers()).map(({ configuration }) => configuration)
    await vi.waitFor(async () => expect(await configurations()).toEqual([1, 1]), EACH)
    const shoppers = join(root, 'configs/shoppers.yaml')
    const text = readFileSync(shoppers, 'utf8')
    writeFileSync(shoppers, text.replace('attribute: ltv', 'attribute: worth'))

    serving.child.kill('SIGHUP')

    await vi.waitFor(async () => expect(await configurations()).toEqual([2, 2]), EACH)
    await serving.post('/segment', traitLine('anew', 'lifetime_value', 7).trim())
    await vi.waitFor(
      async () => expect(await attributesOf(simulator.url, 'anew')).toEqual({ worth: 7 }),
      EACH,
    )
    expect(serving.err()).not.toContain('another one is started')
    const pids = async () => (await workers()).map(({ name }) => pidOf(name))
    const left = () => namesIn(env.DATABASE_URL, 'SELECT worker AS name FROM workers')
    // As a terminal does it, or a supervisor: all of them get the signal, one of them in a window.
    await slowDown(simulator.url)
    await serving.post('/segment', traitLine('anew', 'lifetime_value', 8, 1).trim())
    await vi.waitFor(async () => expect(await slowed(simulator.url)).toBe(1), EACH)
    for (const pid of await pids()) process.kill(pid, 'SIGINT')
    serving.child.kill('SIGINT')
    expect(await serving.ended).toEqual({ code: 0, signal: null })
    expect(await left()).toEqual([])

    const again = await start('--workers', '2')
    await vi.waitFor(async () => expect(await pids()).toHaveLength(2), EACH)
    again.child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await left()).toEqual([]), EACH)
  },
)

/** The next request is answered after two seconds. */
async function slowDown(simulator: string): Promise<void> {
  const fault = { kind: 'slow', path: '/users/track', next: 1, delay_ms: 2000 }
  const headers = { 'content-type': 'application/json' }
  const body = JSON.stringify(fault)
  await fetch(`${simulator}/simulator/faults`, { method: 'POST', headers, body })
}

/** How many requests were answered late. */
async function slowed(simulator: string): Promise<number> {
  const { faults } = (await (await fetch(`${simulator}/simulator/faults`)).json()) as {
    readonly faults: readonly { readonly hits: number }[]
  }
  return faults[0]?.hits ?? 0
}

/** Of the process that is known by such a name. */
function pidOf(name: string): number {
  return Number(name.split(':')[1])
}
