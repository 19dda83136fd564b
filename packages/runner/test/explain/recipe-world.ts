import { startSimulator } from '@engage-sync/braze-simulator'
import type { Simulator } from '@engage-sync/braze-simulator'
import fc from 'fast-check'
import { run } from '../../src/index.ts'
import { makeProject } from '../project.ts'

/** What the sync of the law maps: every way a condition can read something. */
const MAPPINGS = `version: 1
source: engage
identity: { external_id: userId }
traits:
  tier: { attribute: loyalty_tier, type: string, event: Tier Changed }
  points: { attribute: points_balance, type: integer }
  worth: { attribute: worth, type: number, event: { name: Tier Changed, properties: { trait_key: about } } }
  tags: { attribute: tags, type: array }
  seen: { attribute: seen_at, type: time }
  active: { attribute: active, type: boolean }
  size: { attribute: preferences.size, type: string }
  words: words
  kept: { attribute: kept, type: string, on_null: keep }
  hidden: { send: false, type: string }
audiences:
  vip: { attribute: vip, event: { entered: Joined, exited: Left } }
  red: { attribute: { name: flags, element: red } }
  blue: { attribute: { name: flags, element: blue } }
  gone: { attribute: gone, on_exit: unset }
  told: { cohort: Told }
segments:
`

const DAY = 86_400_000
const text = fc.constantFrom('gold', 'Gold', 'golden', 'silver', '')
const pattern = fc.constantFrom('gold', '^g', '^$', 'x*', 'silver$')
const number = fc.constantFrom(-1, 0, 2, 7)
const days = fc.constantFrom(0, 3, 10, 30)
const filters = {
  text: (trait: string) =>
    fc.oneof(
      fc.record({ trait: fc.constant(trait), equals: text }),
      fc.record({ trait: fc.constant(trait), not_equals: text }),
      fc.record({
        trait: fc.constant(trait),
        in: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        trait: fc.constant(trait),
        not_in: fc.uniqueArray(text, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ trait: fc.constant(trait), matches: pattern }),
      fc.record({ trait: fc.constant(trait), not_matches: pattern }),
      fc.record({ trait: fc.constant(trait), contains: fc.constantFrom('old', 'ver') }),
      fc.record({ trait: fc.constant(trait), is_blank: fc.boolean() }),
    ),
  number: (trait: string) =>
    fc.oneof(
      fc.record({ trait: fc.constant(trait), equals: number }),
      fc.record({ trait: fc.constant(trait), not_equals: number }),
      fc.record({
        trait: fc.constant(trait),
        in: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({
        trait: fc.constant(trait),
        not_in: fc.uniqueArray(number, { minLength: 1, maxLength: 3 }),
      }),
      fc.record({ trait: fc.constant(trait), exactly: number }),
      fc.record({ trait: fc.constant(trait), more_than: number }),
      fc.record({ trait: fc.constant(trait), less_than: number }),
      fc.record({ trait: fc.constant(trait), is_blank: fc.boolean() }),
    ),
}
const count = fc.integer({ min: 0, max: 4 })
const within = fc.option(fc.constantFrom(1, 3, 7, 30), { nil: undefined })
const condition = fc.oneof(
  filters.text('tier'),
  filters.text('size'),
  fc.oneof(filters.text('kept'), filters.text('hidden')),
  filters.number('points'),
  filters.number('worth'),
  fc.oneof(
    fc.record({
      trait: fc.constantFrom('tags', 'words'),
      contains: fc.constantFrom('shoes', 'hats'),
    }),
    fc.record({ trait: fc.constantFrom('tags', 'words'), matches: fc.constantFrom('sho', '^h') }),
    fc.record({
      trait: fc.constantFrom('tags', 'words'),
      not_matches: fc.constantFrom('sho', '^h'),
    }),
    fc.record({ trait: fc.constantFrom('tags', 'words'), is_blank: fc.boolean() }),
  ),
  fc.oneof(
    fc.record({ trait: fc.constant('seen'), before: fc.constantFrom('2026-01-01', '2027-01-01') }),
    fc.record({ trait: fc.constant('seen'), after: fc.constantFrom('2026-01-01', '2027-01-01') }),
    fc.record({ trait: fc.constant('seen'), more_than_days_ago: days }),
    fc.record({ trait: fc.constant('seen'), less_than_days_ago: days }),
    fc.record({ trait: fc.constant('seen'), is_blank: fc.boolean() }),
  ),
  fc.oneof(
    fc.record({ trait: fc.constant('active'), equals: fc.boolean() }),
    fc.record({ trait: fc.constant('active'), not_equals: fc.boolean() }),
    fc.record({ trait: fc.constant('active'), is_blank: fc.boolean() }),
  ),
  fc.record({
    audience: fc.constantFrom('vip', 'red', 'blue', 'gone', 'told'),
    equals: fc.boolean(),
  }),
  fc.oneof(
    ...(['more_than', 'less_than', 'exactly'] as const).map((operator) =>
      fc.record({
        event: fc.constantFrom('Tier Changed', 'Joined'),
        [operator]: count,
        within_days: within,
      }),
    ),
    fc.record({
      event: fc.constant('Tier Changed'),
      trait: fc.constantFrom('tier', 'worth'),
      more_than: count,
      within_days: within,
    }),
  ),
)

/** A filter over these mappings, up to three levels deep. */
export const recipeFilter: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    condition as fc.Arbitrary<unknown>,
    fc.record({ not: condition as fc.Arbitrary<unknown> }),
    fc.record({ all: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('node'), { minLength: 1, maxLength: 3 }) }),
    fc.record({ not: tie('node') }),
  ),
})).node

/** A call of Engage: whose, of what, how many hours ago. */
export type WorldCall = readonly [
  user: string,
  kind: 'computed_trait' | 'audience',
  key: string,
  value: unknown,
  hoursAgo: number,
]

const user = fc.integer({ min: 1, max: 25 }).map((index) => `u${index}`)
const hours = fc.integer({ min: 1, max: 40 * 24 })
const list = fc.option(fc.subarray(['shoes', 'hats', 'coats']))
const moment = fc
  .integer({ min: -40, max: 400 })
  .map((ago) => new Date(Date.now() - ago * DAY - 3_600_001).toISOString())
const values: readonly (readonly [key: string, value: fc.Arbitrary<unknown>])[] = [
  ...['tier', 'size', 'kept', 'hidden'].map((key) => [key, fc.option(text)] as const),
  ['points', fc.option(number)],
  ['worth', fc.option(fc.constantFrom(-1, 0, 2, 3.5, 7))],
  ['tags', list],
  ['words', list],
  ['seen', fc.option(moment)],
  ['active', fc.option(fc.boolean())],
]
const audiences = ['vip', 'red', 'blue', 'gone', 'told']

/** Anything Engage may say of 25 users. */
export const worldCall: fc.Arbitrary<WorldCall> = fc.oneof(
  ...values.map(([key, value]) =>
    fc.tuple(user, fc.constant('computed_trait' as const), fc.constant(key), value, hours),
  ),
  ...audiences.map((key) =>
    fc.tuple(user, fc.constant('audience' as const), fc.constant(key), fc.boolean(), hours),
  ),
)

/** Somebody has a value of every trait, so that Braze knows the types of their attributes. */
const FIRST: readonly WorldCall[] = [
  ...Object.entries({
    tier: 'gold',
    size: 'gold',
    kept: 'gold',
    hidden: 'x',
    points: 3,
    worth: 1.5,
    active: true,
    seen: '2026-05-05T05:05:05Z',
  }),
  ...Object.entries({ tags: ['shoes'], words: ['hats'] }),
].map(([key, value]): WorldCall => ['u0', 'computed_trait', key, value, 41 * 24])

/**
 * A Braze with these users, as a run with these segments left it; segment n is the attribute
 * `s<n>`.
 */
export async function makeWorld(calls: readonly WorldCall[], segments: readonly unknown[]) {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  const key = '"${KEY}"'
  const sync = `${MAPPINGS}${segments.map((when, index) => `  s${index}: { when: ${JSON.stringify(when)}, attribute: s${index} }\n`).join('')}`
  const project = `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: ${key}, settle: 0s, cohorts: { partner: simulator, partner_api_key: ${key}, data_import_key: ${key} } }
    sources: { engage: { events: data/*.ndjson } }
`
  const lines = [...FIRST, ...calls].map(callLine).join('\n')
  const files = {
    'configs/engage-sync.yaml': project,
    'configs/shoppers.yaml': sync,
    'data/a.ndjson': `${lines}\n`,
  }
  const { root: directory } = makeProject(files)
  const { report } = await run({ directory, variables: { KEY: 'simulator' } })
  simulator.settle()
  return {
    directory,
    files,
    report,
    simulator,
    select: (filter: unknown) => select(simulator, filter),
  }
}

async function select(simulator: Simulator, filter: unknown): Promise<readonly string[]> {
  const answer = await fetch(`${simulator.url}/simulator/filter`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(filter),
  })
  const body = (await answer.json()) as { ids?: readonly string[] }
  if (body.ids === undefined)
    throw new Error(`${JSON.stringify(body)} for ${JSON.stringify(filter)}`)
  return body.ids
}

function callLine([userId, kind, key, value, hoursAgo]: WorldCall, index: number): string {
  return JSON.stringify({
    type: 'identify',
    userId,
    messageId: `personas_${index}`,
    timestamp: new Date(Date.now() - hoursAgo * 3_600_000 - index).toISOString(),
    context: {
      personas: {
        computation_class: kind,
        computation_key: key,
        computation_id: `id_${key}`,
        space_id: 'spa_1',
      },
    },
    traits: { [key]: value },
  })
}
