import { startSimulator } from '@engage-sync/braze-simulator'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { SERVER_KILL_POINTS } from '../../src/process/kill-points.ts'
import { programIn } from '../live-program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { arrives as arrivesAt, hookProject, serveProcess, SHOPPERS } from './serving.ts'

let simulator: Awaited<ReturnType<typeof startSimulator>>
beforeAll(async () => {
  simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
})
afterAll(() => simulator.close())

const project = (webhook?: string, serve?: string) =>
  makeProject({
    'configs/engage-sync.yaml': hookProject(simulator.url, webhook, serve),
    'configs/shoppers.yaml': SHOPPERS,
  })

/** An hour ago: Braze exports events of the last 90 days alone, so older ones cannot be verified. */
const LATELY = new Date(Date.now() - 3_600_000).toISOString().slice(0, 13)

const value = (user: string, ltv: number, minute = 0) =>
  traitLine(user, 'lifetime_value', ltv, minute).trim().replaceAll('2026-01-05T10', LATELY)

/** Waits until Braze holds a value of a user. */
const arrives = (user: string, ltv: number) => arrivesAt(simulator.url, user, ['ltv', ltv])

const WINDOW_POINTS = [
  'before-mark',
  'after-mark',
  'during-send',
  'after-send',
  'before-commit:2',
  'in-commit:2',
  'commit-sent:2',
  'after-commit:2',
  'before-window-commit:2',
  'after-window-commit:2',
]

/** In the soak, every instant of a window, too. */
const POINTS =
  process.env['ENGAGE_SYNC_WHOLE'] === undefined
    ? ['before-append:3', 'before-ack:3', 'in-commit:2']
    : [...SERVER_KILL_POINTS.map((point) => `${point}:2`), ...WINDOW_POINTS]

describe('a server that is killed', () => {
  it.each(POINTS)(
    'at %s loses nothing of what it acknowledged, and counts a repeated event once',
    async (killAt) => {
      const { root, write } = project()
      write(
        'configs/shoppers.yaml',
        SHOPPERS.replace('ltv }', '{ attribute: ltv, event: Trait Computed } }'),
      )
      const users = [1, 2, 3, 4, 5].map((number) => `${killAt.replace(':', '_')}_${number}`)
      const bodies = users.map((user) => value(user, 7))
      let serving = await serveProcess(root, { killAt })
      let deaths = 0
      // As Segment does: again and again, until it is acknowledged.
      for (const body of bodies) {
        while (!(await isAcknowledged(serving, body))) {
          await serving.ended
          deaths++
          serving = await serveProcess(root, { argv: ['--wait', '40'] })
        }
      }
      const ended = await Promise.race([serving.ended, settled(serving)])
      if (ended !== undefined) {
        deaths++
        serving = await serveProcess(root, { argv: ['--wait', '40'] })
      }
      for (const user of users) await arrives(user, 7)
      serving.child.kill('SIGTERM')
      expect(await serving.ended).toMatchObject({ code: 0 })

      expect(deaths).toBe(1)
      for (const user of users) expect(await eventsOf(user)).toBe(1)
    },
    60_000,
  )
})

/** As what is frozen becomes durable, and as it is let go. */
const FROZEN_POINTS =
  process.env['ENGAGE_SYNC_WHOLE'] === undefined
    ? [['after-window-commit:1', 'before-window-commit:1'] as const]
    : WINDOW_POINTS.flatMap((point) => {
        const once = point.replace(':2', ':1')
        return [[once, once] as const, [point, null] as const, [null, point] as const]
      })

describe('a membership that is frozen', () => {
  it.each(FROZEN_POINTS)(
    'is told with every event once it is allowed, though the server is killed at %s, and then at %s',
    async (asFrozen, asAllowed) => {
      const name = `${asFrozen ?? 'no'}_${asAllowed ?? 'no'}`.replaceAll(':', '_')
      const { root, write } = project()
      const guards = 'guards: { max_removals: 0%, min_removals: 0 }\n'
      write('configs/engage-sync.yaml', hookProject(simulator.url) + guards)
      write('configs/shoppers.yaml', `${SHOPPERS.trimEnd()}\n${VIP}`)
      const [one, other] = [`${name}_1`, `${name}_2`]
      const first = await serveProcess(root, {})
      for (const user of [one, other]) await first.post('/segment', vip(user, true))
      for (const user of [one, other]) await arrivesAt(simulator.url, user, ['vip', true])
      first.child.kill('SIGTERM')
      await first.ended

      let serving = await serveProcess(root, { killAt: asFrozen ?? 'never' })
      for (const body of [vip(one, false), value(one, 5, 3), vip(one, true), vip(other, false)])
        while (!(await isAcknowledged(serving, body))) serving = await afterDeath(root, serving)
      await arrives(one, 5).catch(() => undefined)
      serving = (await diesNow(serving)) ? await afterDeath(root, serving) : serving
      await arrives(one, 5)
      expect(await eventsOf(other)).toBe(1)
      serving.child.kill('SIGTERM')
      await serving.ended

      serving = await serveProcess(root, { killAt: asAllowed ?? 'never' })
      const allow = ['allow', 'removals=shoppers:audiences.vip']
      expect((await programIn(root)(allow)).code).toBe(0)
      const isFree = ['engage_sync_frozen_mappings 0', 'engage_sync_held_users 0']
      serving = (await diesNow(serving, isFree)) ? await afterDeath(root, serving) : serving
      await arrivesAt(simulator.url, other, ['vip', false])
      await vi.waitFor(async () => expect(await eventsOf(one)).toBe(3), 20_000)
      expect(await eventsOf(other)).toBe(2)
      serving.child.kill('SIGTERM')
      expect(await serving.ended).toMatchObject({ code: 0 })
    },
    120_000,
  )
})

const VIP = `audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, backfill: true }
`

let serial = 0

/** Of now, so that it is younger than its mapping: what is older is history, of which one event is told. */
const vip = (user: string, is: boolean) =>
  audienceLine(user, 'vip', is, 0)
    .trim()
    .replaceAll(/2026-01-05T[0-9:.]+Z/g, new Date(Date.now() + ++serial).toISOString())

type Process = Awaited<ReturnType<typeof serveProcess>>

async function afterDeath(root: string, serving: Process): Promise<Process> {
  await serving.ended
  return await serveProcess(root, { argv: ['--wait', '40'] })
}

/** Whether it dies before all that came is worked on, and nobody waits. */
async function diesNow(
  serving: Process,
  figures: readonly string[] = ['engage_sync_log_bytes{source="engage"} 0'],
): Promise<boolean> {
  return (await Promise.race([serving.ended, settled(serving, figures)])) !== undefined
}

async function isAcknowledged(
  serving: Awaited<ReturnType<typeof serveProcess>>,
  body: string,
): Promise<boolean> {
  try {
    return (await serving.post('/segment', body)).status === 200
  } catch {
    return false
  }
}

/** Resolves once everything that came is worked on, or never, where the process dies before. */
async function settled(
  serving: Awaited<ReturnType<typeof serveProcess>>,
  figures: readonly string[] = ['engage_sync_log_bytes{source="engage"} 0'],
): Promise<undefined> {
  for (;;) {
    const text = await serving.get('/metrics').then(
      (answer) => answer.text(),
      () => '',
    )
    if (figures.every((figure) => text.includes(`${figure}\n`))) return undefined
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function eventsOf(user: string): Promise<number> {
  const answer = await fetch(`${simulator.url}/simulator/users/${user}`)
  const { custom_events: events } = (await answer.json()) as {
    custom_events?: readonly { readonly count: number }[]
  }
  return (events ?? []).reduce((sum, { count }) => sum + count, 0)
}

it('gives what it received and did not work on to a run', async () => {
  const { root } = project()
  const serving = await serveProcess(root, { killAt: 'before-ack:1' })
  await expect(serving.post('/segment', value('left', 9))).rejects.toThrow()
  await serving.ended

  expect((await programIn(root)(['run', '--quiet', '--wait', '40'])).code).toBe(0)
  await arrives('left', 9)
})
