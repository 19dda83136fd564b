import { audienceLine, traitLine } from '../../project.ts'
import { hookProject } from '../serving.ts'
import type { Place } from './places.ts'
import type { Processes } from './processes.ts'

/** What users of a test are called. */
export const USERS = Array.from({ length: 12 }, (_, number) => `user ${number}`).toSorted()

/** Everything of a sync that windows work on: values, events, memberships, cohorts and a segment. */
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

/** The files of a project. @param braze - its address, or what names it in the environment */
export function filesOf(braze: string, { serve, state }: Place): Readonly<Record<string, string>> {
  const text = hookProject(braze, undefined, serve).replace('settle: 0ms', COHORTS)
  const where = state === null ? '' : `    state: ${state}\n`
  return {
    // Memberships come and go as long as a test likes.
    'configs/engage-sync.yaml': `${text.replace('    serve:', `${where}    serve:`)}guards: { min_removals: 1000000 }\n`,
    'configs/shoppers.yaml': SYNC,
  }
}

/** What Engage says of a user in a round, counted from one: each value is another one than before. */
export function saidOf(
  user: string,
  round: number,
): { readonly ltv: number; readonly vip: boolean } {
  const index = USERS.indexOf(user)
  return { ltv: round * 2 + (index % 3), vip: (round + index) % 2 === 0 }
}

/** What is younger than the mappings for certain, milliseconds: their history is told of by its newest alone. */
const UNTIL_BORN_MS = 20_000

/** Segment: it posts every event again and again, until it is acknowledged, and a user's one after another. */
export class Segment {
  readonly #processes: Processes
  readonly #front: string
  readonly #birthMs = Date.now() + UNTIL_BORN_MS

  /** @param front - the process that receives; mappings were born before */
  constructor(processes: Processes, front: string) {
    this.#processes = processes
    this.#front = front
  }

  /** Says everything of a round. */
  async tell(round: number): Promise<void> {
    const timestamp = new Date(this.#birthMs + round).toISOString()
    await Promise.all(
      USERS.map(async (user) => {
        const { ltv, vip } = saidOf(user, round)
        const lines = [traitLine(user, 'lifetime_value', ltv), audienceLine(user, 'vip', vip)]
        for (const line of lines)
          await this.#acknowledged(line.trim().replace(/2026-01-05T10:[\d:.]+Z/, timestamp))
      }),
    )
  }

  async #acknowledged(body: string): Promise<void> {
    for (;;) {
      const answer = await this.#processes
        .get(this.#front)
        ?.post('/segment', body)
        .catch(() => null)
      if (answer?.status === 200) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}
