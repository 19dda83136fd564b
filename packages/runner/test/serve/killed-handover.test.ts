import { startSimulator } from '@engage-sync/braze-simulator'
import { sampled } from '@engage-sync/testkit'
import { afterAll, expect, it, onTestFinished, vi } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { LOGS, Servers } from './kills/places.ts'
import { attributesOf, hookProject, serveProcess, SHOPPERS } from './serving.ts'

const NUMBERS = Array.from({ length: 12 }, (_, number) => number)
const EACH = { timeout: 60_000, interval: 250 }
const CELLS = LOGS.filter((log) => log !== 'spool').flatMap((log) =>
  [1, 2].map((passage) => ({ log, passage })),
)

const servers = new Servers()
afterAll(() => servers.stop())

it.each(sampled('handovers that are killed', CELLS, 1))(
  'a worker that is killed at handover $passage leaves it to the other one, the log in $log',
  { timeout: 120_000 },
  async ({ log, passage }) => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    onTestFinished(() => simulator.close())
    const { serve, state, env } = await servers.place(log, 2)
    const { root } = makeProject({
      'configs/engage-sync.yaml': hookProject(simulator.url, undefined, serve).replace(
        '    serve:',
        `    state: ${state}\n    serve:`,
      ),
      'configs/shoppers.yaml': SHOPPERS.replace(
        'identity: { external_id: userId }',
        'identity:\n  external_id: userId\n  alias: { from: anonymousId, label: web, promote: identify }',
      ),
    })
    const argv = ['--role', 'worker']
    const front = await serveProcess(root, { env, argv: ['--role', 'front'] })
    const killed = { ...env, ENGAGE_SYNC_KILL_AT: `in-handover:${passage}` }
    const workers = [
      await serveProcess(root, { env, argv }),
      await serveProcess(root, { env: killed, argv }),
    ]
    const [living, dying] = workers
    await vi.waitFor(async () => {
      for (const worker of workers)
        expect(await (await worker.get('/metrics')).text()).toContain('owned_partitions 32')
    }, EACH)
    const post = async (who: object, value: number) => {
      const { userId: _, ...said } = JSON.parse(traitLine('nobody', 'lifetime_value', value))
      const timestamp = new Date().toISOString()
      const record = { ...said, timestamp, receivedAt: timestamp, ...who }
      expect((await front.post('/segment', record)).status).toBe(200)
    }
    for (const number of NUMBERS) await post({ anonymousId: `anon ${number}` }, number)
    for (const number of NUMBERS)
      await post({ anonymousId: `anon ${number}`, userId: `known ${number}` }, 100 + number)
    for (const number of NUMBERS) await post({ anonymousId: `anon ${number}` }, 200 + number)

    expect(await dying?.ended).toEqual({ code: null, signal: 'SIGKILL' })
    await vi.waitFor(async () => {
      for (const number of NUMBERS)
        expect((await attributesOf(simulator.url, `known ${number}`))['ltv']).toBe(200 + number)
    }, EACH)
    for (const one of [living, front]) one?.child.kill('SIGTERM')
    expect(await living?.ended).toEqual({ code: 0, signal: null })
    const run = (...words: readonly string[]) =>
      runCommand(words, { cwd: root, env, now: Date.now })
    expect((await run('state', 'check')).code).toBe(0)
    expect((await run('run')).code).toBe(0)
    const overlaps = await fetch(`${simulator.url}/simulator/overlaps`)
    expect(((await overlaps.json()) as { readonly total: number }).total).toBe(0)
  },
)
