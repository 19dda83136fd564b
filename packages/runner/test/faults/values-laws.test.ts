import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { FaultOptions, Simulator } from '@engage-sync/braze-simulator'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { compile } from '../engine/harness.ts'
import { openFile, runAgainst } from './sea.ts'

const SYNC = `traits:
  crm: { attribute: crm, type: string }
  sum: { attribute: sum, type: number }
  prefs: { attribute: prefs, type: object }
  tags: { attribute: tags, type: array, array: update }
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: Entered, exited: Exited } }
`

/** What a computation says, as JSON text: numbers keep digits that JavaScript does not. */
interface Said {
  /** As the record names its user; blank names nobody. */
  readonly id: string
  readonly key: string
  readonly text: string
  /** Dated in 2099; `received` tells when it came all the same. */
  readonly future?: 'received' | 'unknown'
}

const said: fc.Arbitrary<Said> = fc
  .record({
    id: fc.constantFrom('u1', 'u2', ' u1 ', 'u3', '  '),
    what: fc.oneof(
      fc.tuple(fc.constant('crm'), fc.constantFrom('9007199254740993', '"x1"', '12', 'null')),
      fc.tuple(fc.constant('sum'), fc.constantFrom('9007199254740993', '1.5', '7', 'null')),
      fc.tuple(
        fc.constant('prefs'),
        fc.constantFrom('{"size":"L","color":null}', '{"size":"M"}', '{"size":"L"}'),
      ),
      fc.tuple(
        fc.constant('tags'),
        fc.constantFrom('["a","b","c"]', '["c","a","b"]', '["b"]', '["b","d"]'),
      ),
      fc.tuple(fc.constant('worth'), fc.constantFrom('1', '2', '3')),
      fc.tuple(fc.constant('vip'), fc.constantFrom('true', 'false', 'false')),
    ),
    future: fc.constantFrom(undefined, undefined, undefined, 'received', 'unknown'),
  })
  .map(({ id, what: [key, text], future }) => ({
    id,
    key,
    text,
    ...(future !== undefined && { future: future as 'received' | 'unknown' }),
  }))
const lives = fc.array(
  fc.record({
    says: fc.array(said, { minLength: 1, maxLength: 10 }),
    cut: fc.constantFrom(null, 'before', 'before', 'after', 'after'),
    skip: fc.nat({ max: 1 }),
    next: fc.integer({ min: 1, max: 2 }),
  }),
  { minLength: 2, maxLength: 4 },
)

function recordOf({ id, key, text, future }: Said, atMs: number): string {
  const time = new Date(atMs).toISOString()
  const kind = key === 'vip' ? 'audience' : 'trait'
  const personas = { computation_class: kind, computation_key: key, namespace: 'spa_1' }
  const head = {
    type: 'identify',
    userId: id,
    timestamp: future === undefined ? time : '2099-01-01T00:00:00.000Z',
    ...(future === 'received' && { receivedAt: time }),
    context: { personas },
  }
  return `${JSON.stringify(head).slice(0, -1)},"traits":{"${key}":${text}}}`
}

interface Wanted {
  readonly attributes: Record<string, unknown>
  readonly events: Record<string, number>
}

/** What users have in the end. */
interface Ended {
  readonly wanted: ReadonlyMap<string, Wanted>
  /** Who may be there with nothing: they had something, which was sent or not before it was taken back. */
  readonly maybe: ReadonlySet<string>
}

/** Who is only said to be out of an audience, or to have nothing, is nobody yet. */
function isSomebody({ attributes, events }: Wanted): boolean {
  const hasValue = Object.values(attributes).some((value) => value !== false)
  return hasValue || Object.keys(events).length > 0
}

/** What each user has in the end, said without any of the engine: values by name, and how often each event. */
function endOf(all: readonly Said[]): Ended {
  const users = new Map<string, Map<string, string>>()
  const events = new Map<string, Record<string, number>>()
  const maybe = new Set<string>()
  for (const { id, key, text, future } of all) {
    const user = id.trim()
    if (user === '' || future === 'unknown') continue
    if (key === 'sum' && text.length > 15) continue
    const values = users.get(user) ?? new Map<string, string>()
    users.set(user, values)
    const before = values.get(key)
    values.set(key, text)
    if (text !== 'null' && text !== 'false') maybe.add(user)
    if (before === text) continue
    const name = eventOf(key, text, before)
    if (name === null) continue
    const counts = events.get(user) ?? {}
    events.set(user, { ...counts, [name]: (counts[name] ?? 0) + 1 })
  }
  const wanted = new Map<string, Wanted>()
  for (const [user, values] of users) {
    const attributes = Object.fromEntries(
      [...values].flatMap(([key, text]) => (text === 'null' ? [] : [[key, valueOf(key, text)]])),
    )
    const one = { attributes, events: events.get(user) ?? {} }
    if (isSomebody(one)) wanted.set(user, one)
  }
  return { wanted, maybe }
}

function eventOf(key: string, text: string, before: string | undefined): string | null {
  if (key === 'worth') return 'Worth Computed'
  if (key !== 'vip') return null
  if (text === 'true') return 'Entered'
  return before === undefined ? null : 'Exited'
}

function valueOf(key: string, text: string): unknown {
  if (key === 'crm') return text.replaceAll('"', '')
  const value = JSON.parse(text) as unknown
  if (key === 'tags') return (value as string[]).toSorted()
  return key === 'prefs' ? { size: (value as { size: string }).size } : value
}

interface HeldUser {
  readonly external_id: string
  readonly custom_attributes: Record<string, unknown>
  readonly custom_events: readonly { readonly name: string; readonly count: number }[]
}

async function heldBy(simulator: Simulator): Promise<ReadonlyMap<string, Wanted>> {
  simulator.settle()
  const answer = await fetch(`${simulator.url}/simulator/dump?parts=users`)
  const { users } = (await answer.json()) as { readonly users: readonly HeldUser[] }
  return new Map(
    users.map(({ external_id: id, custom_attributes: attributes, custom_events: events }) => [
      id,
      {
        attributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [
            name,
            Array.isArray(value) ? value.toSorted() : value,
          ]),
        ),
        events: Object.fromEntries(events.map(({ name, count }) => [name, count])),
      },
    ]),
  )
}

it('random lives of awkward values, with requests cut off, end as an oracle says', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (given) => {
      const directory = mkdtempSync(join(tmpdir(), 'engage-sync-lives-'))
      const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
      const lines: string[] = []
      const run = () =>
        runAgainst(
          simulator.url,
          { openStore: () => openFile(directory), verifyAfterMs: 100 },
          { lines, syncs: compile({ shop: SYNC }) },
        )
      try {
        await run()
        const bornMs = Date.now()
        for (const { says, cut, skip, next } of given) {
          const fault = { kind: 'reset', path: '/users/track', skip, next } as const
          if (cut !== null)
            simulator.addFault({ ...fault, after_apply: cut === 'after' } as FaultOptions)
          for (const one of says) lines.push(recordOf(one, bornMs + lines.length))
          await run()
          simulator.clearFaults()
        }
        await run()

        const { wanted, maybe } = endOf(given.flatMap(({ says }) => says))
        const held = [...(await heldBy(simulator))].filter(
          ([user, one]) => isSomebody(one) || !maybe.has(user),
        )
        expect(new Map(held)).toEqual(wanted)
      } finally {
        await simulator.close()
        rmSync(directory, { recursive: true, force: true, maxRetries: 3 })
      }
    }),
    { numRuns: 6 },
  )
}, 300_000)
