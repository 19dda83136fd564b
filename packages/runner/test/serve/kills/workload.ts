import { audienceLine, traitLine } from '../../project.ts'

/** What users of a test are called. */
export const USERS = Array.from({ length: 12 }, (_, number) => `user ${number}`)
export const ROUNDS = [1, 2, 3, 4] as const

/** Everything of a sync that windows work on: values, events, memberships, cohorts and a segment. */
export const SYNC = `version: 1
source: engage
identity: { external_id: userId }
traits:
  lifetime_value: { attribute: ltv, type: number, event: Trait Computed }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  rich: { when: { trait: lifetime_value, more_than: 5 }, attribute: rich, cohort: Rich }
`

/** Events of a user after all rounds: each value is another one than before. */
export const EVENTS = ROUNDS.length

/**
 * What Segment posts of a user in a round, in the order of time.
 *
 * @param birthMs - later than the mappings, whose history would be told of by its newest alone
 */
export function bodiesOf(user: string, round: number, birthMs: number): readonly string[] {
  const index = USERS.indexOf(user)
  const timestamp = new Date(birthMs + round).toISOString()
  return [
    traitLine(user, 'lifetime_value', round * 2 + (index % 3)),
    audienceLine(user, 'vip', (round + index) % 2 === 0),
  ].map((line) => line.trim().replace(/2026-01-05T10:[\d:.]+Z/, timestamp))
}
