import { afterEach, describe, expect, it } from 'vitest'
import { REREAD, RESEND, retryOf, someUsers } from '../../src/engine/index.ts'
import { Bench, eventText, listSource, NOW, wholeSource } from './harness.ts'
import type { TestEvent } from './harness.ts'

const DAY = 86_400_000
const TRAITS = {
  shop: 'traits:\n  plan: plan\n  email: email\n  worth: { attribute: worth, type: number, event: Worth }\n',
}

let bench: Bench
afterEach(() => bench.close())

const attributesOf = (user: string) => Object.fromEntries(bench.ledger.userOf(user).attributes)
const plan = (user: string, value: unknown, at = NOW - 9): TestEvent => ({
  user,
  at,
  trait: 'plan',
  value,
})
const vip = (user: string, value: boolean, at = NOW - 9): TestEvent => ({
  user,
  at,
  audience: 'vip',
  value,
})
const many = (count: number, make: (user: string) => TestEvent) =>
  Array.from({ length: count }, (_, index) => make(`u${index}`))

describe('positions', () => {
  it('reads only what is new since the last whole run', async () => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'free')]
    await bench.run()
    bench.records.push(plan('u1', 'pro', NOW - 5))

    const { report } = await bench.run()

    expect(report.records).toMatchObject({ read: 1, changed: 1 })
    expect(attributesOf('u1')).toEqual({ plan: 'pro' })
  })

  it('moves on when something could not be delivered, and tries only that again', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(12, (user) => plan(user, 'pro'))
    bench.ledger.fate = (request) => (request === 2 ? 'failed' : 'ok')
    const first = await bench.run()

    const again = await bench.run()

    expect(first.report).toMatchObject({ status: 'partial', braze: { attributes: 7, pending: 5 } })
    expect(again.report).toMatchObject({
      status: 'done',
      records: { read: 5 },
      braze: { attributes: 5, pending: 0 },
    })
    expect(bench.ledger.dataPoints).toBe(12)
  })

  it('does not send an attribute again whose user waits for its cohort', async () => {
    bench = new Bench({ shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' })
    bench.records = [vip('u1', true)]
    bench.ledger.fate = (request) => (request === 2 ? 'failed' : 'ok')
    await bench.run()

    await bench.run()

    expect([...bench.ledger.userOf('u1').cohorts]).toHaveLength(1)
    expect(bench.ledger.dataPoints).toBe(2)
  })

  it('stops when a source that held records is empty', async () => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'free')]
    await bench.run()
    bench.records = []

    await expect(bench.run({ kind: REREAD })).rejects.toMatchObject({ code: 'GUARD_EMPTY_SOURCE' })
    await expect(bench.run({ kind: REREAD, allow: ['empty_source'] })).resolves.toMatchObject({
      stops: [],
    })
  })
})

describe('what a run may be told', () => {
  it('works on some users only, and leaves the rest for the next run', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(3, (user) => plan(user, 'pro'))

    const tried = await bench.run({ kind: someUsers(new Set(['u1'])) })
    const { report } = await bench.run()

    expect(tried.report.records).toMatchObject({ changed: 1, skipped: 2 })
    expect(report.braze.attributes).toBe(2)
  })

  it('sends everything again, events apart, when told to', async () => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'pro'), { user: 'u1', at: NOW - 5, trait: 'worth', value: 3 }]
    await bench.run()
    bench.ledger.users.clear()

    const { report } = await bench.run({ kind: RESEND })

    expect(report.braze).toMatchObject({ attributes: 2, events: 0 })
    expect(attributesOf('u1')).toEqual({ plan: 'pro', worth: 3 })
    expect((await bench.run({ kind: REREAD })).report.braze.attributes).toBe(0)
  })
})

describe('guards', () => {
  const SYNC = { shop: 'audiences:\n  vip: { attribute: vip, cohort: VIPs }\n' }

  it('stops before anything is sent, and says how to allow it', async () => {
    bench = new Bench(SYNC)
    bench.records = many(100, (user) => vip(user, true))
    await bench.run()
    const { requests } = bench.ledger
    bench.records.push(...many(60, (user) => vip(user, false, NOW - 5)))

    const stopped = await bench.run()
    const before = bench.ledger.requests
    const allowed = await bench.run({ allow: stopped.stops.map(({ allow }) => allow) })

    expect(stopped.stops).toMatchObject([
      { guard: 'removals', planned: 60, limit: 50, allow: 'removals=shop:audiences.vip' },
    ])
    expect(stopped.report.status).toBe('stopped')
    expect(before).toBe(requests)
    expect(allowed.report.braze.cohort_removals).toBe(60)
  })

  it('measures removals by all members, also those in partitions the run does not touch, as they were before it', async () => {
    bench = new Bench(SYNC)
    bench.records = many(400, (user) => vip(user, true))
    await bench.run()
    bench.records.push(...many(70, (user) => vip(user, false, NOW - 5)))

    const { stops, report } = await bench.run()
    bench.records.push(...many(150, (user) => vip(user, false, NOW - 4)))
    const stopped = await bench.run()

    expect({ stops, removals: report.braze.cohort_removals }).toEqual({ stops: [], removals: 70 })
    expect(stopped.stops).toMatchObject([{ guard: 'removals', planned: 80, limit: 66 }])
  })

  it('does not take the first falses of an audience for removals', async () => {
    bench = new Bench(SYNC)
    bench.records = many(100, (user) => vip(user, false))

    expect((await bench.run()).report.braze.attributes).toBe(100)
  })

  it('limits data points', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(5, (user) => plan(user, 'pro'))
    const guards = {
      maxRemovals: 0.2,
      minRemovals: 50,
      maxAdditions: 0.5,
      maxDataPoints: 4,
      emptySource: 'stop' as const,
    }

    expect((await bench.run({ guards })).stops).toMatchObject([
      { guard: 'data_points', planned: 5, limit: 4 },
    ])
    expect((await bench.run({ guards, allow: ['data_points=5'] })).stops).toEqual([])
  })
})

describe('plans', () => {
  it('are refused when records came in since that cannot be told from theirs, and nothing is sent', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(3, (user) => plan(user, 'pro'))
    const { expectation } = await bench.plan()
    bench.records.push(plan('u9', 'pro'))
    const sources = new Map([
      ['engage', wholeSource(listSource(() => bench.records.map(eventText)))],
    ])

    await expect(bench.run({ expect: expectation, sources })).rejects.toMatchObject({
      code: 'PLAN_STALE',
      message: expect.stringMatching(/records of source engage/),
    })
    expect(bench.ledger.dataPoints).toBe(0)
  })

  it('stay good after a run that changed nothing', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(3, (user) => plan(user, 'pro'))
    const { expectation } = await bench.plan()
    await bench.run({ kind: someUsers(new Set(['nobody'])) })

    await bench.run({ expect: expectation })

    expect(bench.ledger.dataPoints).toBe(3)
  })

  it('judge time by the instant they were made at', async () => {
    bench = new Bench({
      shop: 'segments:\n  fresh: { when: { trait: seen, less_than_days_ago: 2 }, cohort: Fresh }\n',
    })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'seen', value: new Date(NOW - DAY).toISOString() },
    ]
    bench.ledger.userOf('u1')
    const { expectation } = await bench.plan()
    bench.nowMs += 5 * DAY

    await bench.run({ expect: expectation })

    expect([...bench.ledger.userOf('u1').cohorts]).toEqual(['engage-sync:shop:fresh'])
  })

  it('say what would stop the run, and which cohorts would be made', async () => {
    bench = new Bench({ shop: 'audiences:\n  vip: { cohort: VIPs, attribute: vip }\n' })
    bench.records = many(3, (user) => vip(user, true))

    const { requests, cohorts, summary, stops, openMarks } = await bench.plan()

    expect({ requests, cohorts, openMarks, stops }).toEqual({
      requests: 1,
      cohorts: { created: ['VIPs'], renamed: [] },
      openMarks: 0,
      stops: [],
    })
    expect(summary.mappings.get('shop:audiences.vip')).toMatchObject({
      new: 3,
      cohortAdds: 3,
      additions: 3,
      dataPoints: 6,
    })
    expect(bench.ledger.requests).toBe(0)
  })
})

describe('segments', () => {
  it('re-evaluates by the passing of time alone', async () => {
    bench = new Bench({
      shop: 'segments:\n  fresh: { when: { trait: seen, less_than_days_ago: 2 }, cohort: Fresh }\n',
    })
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'seen', value: new Date(NOW - DAY).toISOString() },
    ]
    bench.ledger.userOf('u1')
    await bench.run()
    bench.nowMs += 2 * DAY

    const { report } = await bench.run()
    const again = await bench.run()

    expect(report).toMatchObject({ records: { read: 0 }, braze: { cohort_removals: 1 } })
    expect(again.report.braze.requests).toBe(0)
  })

  it('counts the events of this run, and sends its own when someone enters or leaves', async () => {
    bench = new Bench({
      shop: 'traits:\n  worth: { event: Worth }\nsegments:\n  busy: { when: { event: Worth, more_than: 1 }, event: { entered: Busy } }\n',
    })
    bench.nowMs = NOW - DAY
    await bench.run()
    bench.nowMs = NOW
    bench.records = [1, 2].map((value) => ({
      user: 'u1',
      at: NOW - 9 + value,
      trait: 'worth',
      value,
    }))

    const { report } = await bench.run()

    expect(bench.ledger.userOf('u1').events.map(({ name }) => name)).toEqual([
      'Worth',
      'Worth',
      'Busy',
    ])
    expect(report.braze.events).toBe(3)
    expect((await bench.run({ kind: REREAD })).report.braze.events).toBe(0)
  })
})

describe('refusals', () => {
  it('costs a field that is named, sends the rest once more, and keeps its own reason', async () => {
    bench = new Bench(TRAITS)
    bench.records = [
      plan('u1', 'pro'),
      { user: 'u1', at: NOW - 9, trait: 'email', value: 'a@example.com' },
    ]
    bench.ledger.refuse = ({ attributes }) =>
      attributes?.['email'] === undefined ? null : { code: 'BRAZE_EMAIL', field: 'email' }

    const { report } = await bench.run()

    expect(attributesOf('u1')).toEqual({ plan: 'pro' })
    expect(report).toMatchObject({
      status: 'partial',
      dead_letters: 1,
      braze: { attributes: 1, rejected: 1, pending: 0 },
    })
    expect(report.reasons).toMatchObject([{ code: 'BRAZE_EMAIL', count: 1 }])
  })

  it('does not try a refused value again until it changes or is retried', async () => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'bad')]
    bench.ledger.refuse = () => ({ code: 'BRAZE_REJECTED' })
    await bench.run()
    bench.ledger.refuse = () => null

    const reread = await bench.run({ kind: REREAD })
    const retried = await bench.run({ kind: retryOf({}) })

    expect(reread.report.braze).toMatchObject({ attributes: 0, rejected: 0 })
    expect(retried.report.braze.attributes).toBe(1)
    expect(attributesOf('u1')).toEqual({ plan: 'bad' })
    expect(await bench.withStore((store) => store.deadLetters({ limit: 10 }))).toEqual([])
    expect((await bench.run({ kind: REREAD })).report.braze.attributes).toBe(0)
  })

  it('retries nothing that a newer value has overtaken', async () => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'bad')]
    bench.ledger.refuse = () => ({ code: 'BRAZE_REJECTED' })
    await bench.run()
    bench.ledger.refuse = () => null
    bench.records.push(plan('u1', 'good', NOW - 5))
    await bench.run()

    const { report } = await bench.run({ kind: retryOf({}) })

    expect(report.braze.attributes).toBe(0)
    expect(attributesOf('u1')).toEqual({ plan: 'good' })
  })

  it('retries refused events and records that could not be mapped', async () => {
    bench = new Bench(TRAITS)
    bench.records = [
      { user: 'u1', at: NOW - 9, trait: 'worth', value: 3 },
      { user: 'u2', at: NOW - 9, trait: 'worth', value: 'many' },
    ]
    bench.ledger.refuse = ({ event }) => (event === undefined ? null : { code: 'BRAZE_REJECTED' })
    await bench.run()
    bench.ledger.refuse = () => null
    const letters = await bench.withStore((store) => store.deadLetters({ limit: 10 }))

    const { report } = await bench.run({ kind: retryOf({}) })

    expect(letters.map(({ stage }) => stage).sort()).toEqual(['destination', 'mapping'])
    expect(report).toMatchObject({ braze: { events: 1 }, records: { read: 1, rejected: 1 } })
    expect(bench.ledger.userOf('u1').events).toMatchObject([
      { name: 'Worth', properties: { worth: 3 } },
    ])
    expect(await bench.withStore((store) => store.deadLetters({ limit: 10 }))).toMatchObject([
      { stage: 'mapping' },
    ])
  })
})

describe('promotion', () => {
  const SYNC = (how: string) => ({
    shop: `identity:\n  alias: { from: anonymousId, label: web, promote: ${how} }\ntraits:\n  plan: plan\n  worth: { attribute: worth, event: Worth }\n`,
  })
  const anonymous = (at: number, trait: string, value: unknown): TestEvent => ({
    anonymous: 'a1',
    at,
    trait,
    value,
  })

  it.each(['identify', 'merge'])(
    'merges rows by the newest, and tells Braze first (%s)',
    async (how) => {
      bench = new Bench(SYNC(how))
      bench.records = [anonymous(NOW - 50, 'plan', 'free'), anonymous(NOW - 49, 'worth', 1)]
      await bench.run()
      bench.records.push({ user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 2 })

      const { report, failure } = await bench.run()

      expect(failure).toBeNull()
      expect(attributesOf('u1')).toEqual({ plan: 'free', worth: 2 })
      expect(bench.ledger.users.has('alias:web:a1')).toBe(false)
      expect(report.braze).toMatchObject({ attributes: 2, pending: 0 })
      expect((await bench.run({ kind: REREAD })).report.braze).toMatchObject({
        attributes: 0,
        events: 0,
        requests: 0,
      })
    },
  )

  it('sends an alias of the same run straight to its user, whatever the order', async () => {
    const records = [
      anonymous(NOW - 50, 'plan', 'free'),
      { user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 2 },
    ]
    const dumps: unknown[] = []
    for (const some of [records, records.toReversed()]) {
      bench = new Bench(SYNC('identify'))
      bench.records = some
      await bench.run()
      dumps.push(bench.ledger.dump())
      if (some === records) bench.close()
    }

    expect(dumps[0]).toEqual(dumps[1])
    expect(bench.ledger.joined).toEqual([])
    expect(attributesOf('u1')).toEqual({ plan: 'free', worth: 2 })
  })

  it('sends what an alias says later to the user it was promoted to', async () => {
    bench = new Bench(SYNC('identify'))
    bench.records = [anonymous(NOW - 50, 'plan', 'free')]
    await bench.run()
    bench.records.push({ user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 2 })
    await bench.run()
    bench.records.push(anonymous(NOW - 30, 'plan', 'pro'))

    await bench.run()

    expect(attributesOf('u1')).toEqual({ plan: 'pro', worth: 2 })
    expect([...bench.ledger.users.keys()]).toEqual(['u1'])
  })

  it('holds only the two rows of a pair that failed', async () => {
    bench = new Bench(SYNC('identify'))
    bench.records = [anonymous(NOW - 50, 'plan', 'free')]
    await bench.run()
    const from = bench.ledger.requests
    bench.ledger.fate = (request) => (request === from + 1 ? 'failed' : 'ok')
    bench.records.push(
      { user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 2 },
      plan('u2', 'pro'),
    )

    const held = await bench.run()
    const names = [...bench.ledger.users.keys()].sort()
    const done = await bench.run()

    expect(names).toEqual(['alias:web:a1', 'u2'])
    expect(held.report).toMatchObject({ status: 'partial', braze: { pending: 3 } })
    expect(done.report).toMatchObject({ status: 'done', braze: { pending: 0 } })
    expect(attributesOf('u1')).toEqual({ plan: 'free', worth: 2 })
  })

  it('counts the events of an alias once, though the first try to join it is cut short', async () => {
    bench = new Bench({
      shop: `identity: { alias: { from: anonymousId, label: web, promote: identify } }
traits:
  worth: { event: Worth }
audiences:
  vip: { attribute: vip, cohort: VIPs }
segments:
  busy: { when: { event: Worth, more_than: 2 }, attribute: busy }
`,
    })
    bench.nowMs = NOW - DAY
    await bench.run()
    bench.nowMs = NOW
    bench.records = [anonymous(NOW - 50, 'worth', 1)]
    await bench.run()
    bench.records.push(
      { user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 2 },
      vip('u1', true),
    )
    const from = bench.ledger.requests
    bench.ledger.fate = (request) => (request === from + 3 ? 'failed' : 'ok')

    const cut = await bench.run()
    await bench.run()

    expect(cut.report.braze).toMatchObject({ events: 1, pending: 1 })
    expect(attributesOf('u1')).toEqual({ vip: true })
  })

  it('reports an alias that came with two external ids, and joins it to one', async () => {
    bench = new Bench(SYNC('identify'))
    bench.records = [anonymous(NOW - 50, 'plan', 'free')]
    await bench.run()
    bench.records.push(
      { user: 'u2', anonymous: 'a1', at: NOW - 39, trait: 'worth', value: 2 },
      { user: 'u1', anonymous: 'a1', at: NOW - 40, trait: 'worth', value: 1 },
    )

    const { report } = await bench.run()

    expect(bench.ledger.joined).toEqual(['a1→u1'])
    expect(report.reasons.map(({ code }) => code)).toContain('IDENTITY_ALIAS_SHARED')
  })
})

describe('requests to forget a user', () => {
  const forgets = (user: string, at = NOW - 5): TestEvent => ({ user, at, forget: true })

  it.each([
    ['report', { u1: { plan: 'pro' } }, []],
    ['forget', { u1: { plan: 'pro' } }, []],
    ['delete', {}, ['u1']],
  ] as const)('does what on_delete says: %s', async (action, users, deleted) => {
    bench = new Bench(TRAITS)
    bench.records = [plan('u1', 'pro')]
    await bench.run()
    bench.records.push(forgets('u1'))

    const { report } = await bench.run({ onDelete: new Map([['shop', action]]) })

    expect(report.reasons).toMatchObject([{ code: 'SEGMENT_DELETE', count: 1 }])
    expect(
      Object.fromEntries(
        [...bench.ledger.users].map(([name, { attributes }]) => [
          name,
          Object.fromEntries(attributes),
        ]),
      ),
    ).toEqual(users)
    expect(bench.ledger.deleted).toEqual(deleted)
    const bytes = await bench.withStore(async (store) => {
      const images = await Promise.all(
        Array.from({ length: 64 }, (_, number) => store.loadPartition(number)),
      )
      return Buffer.concat(
        images.flatMap(({ snapshot, deltas }) => [snapshot ?? new Uint8Array(), ...deltas]),
      ).toString('latin1')
    })
    expect(bytes.includes('u1')).toBe(action === 'report')
  })

  it.each([
    ['report', 'delete'],
    ['delete', 'report'],
  ] as const)(
    'does the strictest where two identities name the user: %s and %s',
    async (shop, club) => {
      const alias = 'identity: { alias: { from: anonymousId, label: anonymous } }\n'
      bench = new Bench({ shop: TRAITS.shop, club: `${alias}traits:\n  worth: club_worth\n` })
      bench.records = [plan('u1', 'pro'), forgets('u1')]

      await bench.run({ onDelete: new Map([['shop', shop] as const, ['club', club] as const]) })

      expect(bench.ledger.deleted).toEqual(['u1'])
    },
  )

  it('leave no letter of the user whose records the same run rejects', async () => {
    bench = new Bench({ shop: 'traits: { worth: { attribute: worth, type: number } }\n' })
    const lost = (user: string): TestEvent => ({
      user,
      at: NOW - 10,
      trait: 'worth',
      value: 'much',
    })
    bench.records = [lost('u1'), lost('u2'), forgets('u1')]

    await bench.run({ onDelete: new Map([['shop', 'forget']]) })

    const letters = await bench.withStore((store) => store.deadLetters({ limit: 9 }))
    expect(letters.filter((letter) => JSON.stringify(letter).includes('u1'))).toEqual([])
    expect(letters.filter((letter) => JSON.stringify(letter).includes('u2'))).not.toEqual([])
  })

  it('keeps a user who came back since', async () => {
    bench = new Bench(TRAITS)
    bench.records = [forgets('u1', NOW - 20), plan('u1', 'pro')]

    await bench.run({ onDelete: new Map([['shop', 'delete']]) })

    expect(attributesOf('u1')).toEqual({ plan: 'pro' })
    expect(bench.ledger.deleted).toEqual([])
  })

  it('is guarded', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(60, (user) => plan(user, 'pro'))
    await bench.run()
    bench.records.push(...many(60, (user) => forgets(user)))
    const onDelete = new Map([['shop', 'delete' as const]])

    expect((await bench.run({ onDelete })).stops).toMatchObject([
      { guard: 'deletions', planned: 60, limit: 50 },
    ])
    expect(bench.ledger.deleted).toEqual([])
    await bench.run({ onDelete, allow: ['deletions'] })
    expect(bench.ledger.deleted).toHaveLength(60)
  })
})

describe('interrupts and leases', () => {
  it('finishes what is in flight, commits it, and lets the next run do the rest', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(40, (user) => plan(user, 'pro'))
    const stop = new AbortController()
    bench.ledger.fate = (request) => {
      if (request === 3) stop.abort()
      return 'ok'
    }

    const { report } = await bench.run({ signal: stop.signal })
    const sent = bench.ledger.dataPoints
    const next = await bench.run()

    expect(report.status).toBe('interrupted')
    expect(report.braze.attributes).toBe(sent)
    expect(sent).toBeLessThan(40)
    expect(next.report.braze.attributes).toBe(40 - sent)
    expect(bench.ledger.dataPoints).toBe(40)
  })

  it('lets one run work at a time', async () => {
    bench = new Bench(TRAITS)
    await bench.withStore(async (store) => {
      const lease = await store.acquireLease('elsewhere:1:x', 60_000)
      await expect(bench.run()).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
      await store.releaseLease(lease)
    })

    expect((await bench.run()).report.status).toBe('done')
  })

  it('sends nothing more once another run took its lease', async () => {
    bench = new Bench(TRAITS)
    bench.records = many(40, (user) => plan(user, 'pro'))
    const result = await bench.withStore((other) => {
      bench.ledger.fate = (request) => {
        if (request === 2) void other.breakLease()
        return 'ok'
      }
      return bench.run()
    })

    expect(result.failure).toMatchObject({ code: 'STATE_LEASE_LOST' })
  })
})
