import { startSimulator } from '@engage-sync/braze-simulator'
import { sampled } from '@engage-sync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { KillPoint } from '../../src/process/kill-points.ts'
import { withoutEvents } from '../crash/compare.ts'
import type { Dump } from '../crash/world.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { hookProject, serveProcess } from './serving.ts'
import type { ServingProcess } from './serving.ts'

const SYNC = `version: 1
source: engage
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number, event: Trait Computed }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  rich: { when: { trait: lifetime_value, more_than: 5 }, attribute: rich, cohort: Rich }
`

const COHORTS =
  "settle: 0ms, cohorts: { partner: simulator, partner_api_key: '${KEY}', data_import_key: '${KEY}' }"
const USERS = ['ada', 'bob', 'cid', 'dee', 'eve', 'fay']

/**
 * What Segment posts: each user's records in order of time, none older than the mappings, whose
 * history would be told of by its newest alone.
 *
 * @param birthMs - milliseconds since the epoch
 */
function bodies(birthMs: number): readonly string[] {
  const lines = [1, 2, 3].flatMap((round) =>
    USERS.flatMap((user, index) => [
      traitLine(user, 'lifetime_value', round * 2 + (index % 3), round),
      audienceLine(user, 'vip', (round + index) % 2 === 0, round),
    ]),
  )
  const dated = (minute: string) => new Date(birthMs + Number(minute)).toISOString()
  return lines.map((line) =>
    line.trim().replaceAll(/2026-01-05T10:(\d\d):[\d.]+Z/g, (_, minute: string) => dated(minute)),
  )
}

/** Every instant a server passes while windows go on, and the passage that is deadly. */
const POINTS: readonly (readonly [KillPoint, number])[] = [
  ['before-append', 20],
  ['before-ack', 20],
  ['before-mark', 2],
  ['after-mark', 2],
  ['during-send', 2],
  ['after-send', 2],
  ['before-commit', 4],
  ['in-commit', 5],
  ['commit-sent', 5],
  ['after-commit', 4],
  ['before-cohorts', 2],
  ['before-window-commit', 2],
  ['after-window-commit', 2],
]
/** Passed where an answer is late. */
const LATE_POINTS: readonly (readonly [KillPoint, number])[] = [
  ['in-detach', 1],
  ['late-answer', 1],
  ['before-window-commit', 3],
  ['after-window-commit', 3],
]
/** A request of the second window or so whose answer takes long. */
const SLOW = { kind: 'slow', path: '/users/track', skip: 1, next: 1, delay_ms: 2500 }

const CASES = [
  ...sampled('kills of windows', POINTS, 1).map(([point, passage]) => ({
    point,
    passage,
    fault: null,
  })),
  ...sampled('kills of late windows', LATE_POINTS, 1).map(([point, passage]) => ({
    point,
    passage,
    fault: SLOW,
  })),
]

/** A server over a Braze of its own, and who posts to it as Segment does. */
class Life {
  readonly #root: string
  readonly braze: Awaited<ReturnType<typeof startSimulator>>
  #serving!: ServingProcess
  deaths = 0

  private constructor(root: string, braze: Life['braze']) {
    this.#root = root
    this.braze = braze
  }

  static async begin(how: { readonly killAt?: string; readonly fault?: object | null }) {
    const braze = await startSimulator({ settings: { applyDelayMs: 0 } })
    onTestFinished(() => braze.close())
    const { root } = makeProject({
      'configs/engage-sync.yaml': hookProject(braze.url).replace('settle: 0ms', COHORTS),
      'configs/shoppers.yaml': SYNC,
    })
    const life = new Life(root, braze)
    if (how.fault !== undefined && how.fault !== null) await life.#post('faults', how.fault)
    life.#serving = await serveProcess(root, how.killAt === undefined ? {} : { killAt: how.killAt })
    return life
  }

  /** Again and again, until it is acknowledged. */
  async tell(body: string): Promise<void> {
    for (;;) {
      const answer = await this.#serving.post('/segment', body).catch(() => null)
      if (answer?.status === 200) return
      if (answer === null) await this.#again()
    }
  }

  /** Waits until nothing that came is left to be done, and ends the server. */
  async end(): Promise<Dump> {
    while (!(await this.#isDone())) await new Promise((resolve) => setTimeout(resolve, 50))
    this.#serving.child.kill('SIGTERM')
    expect(await this.#serving.ended).toMatchObject({ code: 0 })
    await this.#post('settle', {})
    const dump = await fetch(`${this.braze.url}/simulator/dump?parts=users,cohorts`)
    return (await dump.json()) as Dump
  }

  async #again(): Promise<void> {
    await this.#serving.ended
    this.deaths++
    this.#serving = await serveProcess(this.#root, { argv: ['--wait', '40'] })
  }

  async #isDone(): Promise<boolean> {
    const answer = await this.#serving.get('/metrics').catch(() => null)
    if (answer === null) {
      await this.#again()
      return false
    }
    const text = await answer.text()
    return text.includes('log_bytes{source="engage"} 0\n') && text.includes('held_users 0\n')
  }

  async #post(path: string, body: object): Promise<void> {
    await fetch(`${this.braze.url}/simulator/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    })
  }
}

async function afterwards(how: Parameters<typeof Life.begin>[0]) {
  const life = await Life.begin(how)
  for (const body of bodies(Date.now() + UNTIL_BORN_MS)) await life.tell(body)
  const dump = await life.end()
  return { dump, deaths: life.deaths }
}

/** How long after its first line a server has begun its first run, at most, milliseconds. */
const UNTIL_BORN_MS = 20_000

/** What a server leaves that is left alone. */
let calm: Promise<Dump> | null = null

describe('a server that is killed', () => {
  it.each(CASES)(
    'at passage $passage of $point leaves what a calm one leaves, each event once',
    async ({ point, passage, fault }) => {
      calm ??= afterwards({}).then(({ dump }) => dump)

      const { dump, deaths } = await afterwards({ killAt: `${point}:${passage}`, fault })

      expect(deaths).toBe(1)
      expect(withoutEvents(dump)).toEqual(withoutEvents(await calm))
      expect((await calm).cohorts).toHaveLength(2)
      expect(eventsOf(dump)).toEqual(USERS.map((user) => [user, 3]))
    },
    60_000,
  )
})

function eventsOf({ users }: Dump) {
  return users
    .map(({ external_id: id, custom_events: events }) => [
      id,
      events.reduce((sum, { count }) => sum + count, 0),
    ])
    .toSorted()
}
