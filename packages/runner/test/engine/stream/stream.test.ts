import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SyncError } from '@engage-sync/core'
import { createRowDecoder } from '@engage-sync/segment'
import { NOW } from '../harness.ts'
import type { TestEvent } from '../harness.ts'
import type { StreamOptions, StreamStatus, WindowReport } from '../../../src/engine/stream/index.ts'
import { isPurgeDue } from '../../../src/state/actions/purge.ts'
import { StreamBench, until } from './stream-bench.ts'

const SHOP = `traits:
  plan: plan
audiences:
  vip: { attribute: vip, event: { entered: In, exited: Out }, cohort: VIPs }
`

const plan = (user: string, value: string, at: number): TestEvent => ({
  user,
  at: NOW + at,
  trait: 'plan',
  value,
})
const vip = (user: string, value: boolean, at: number): TestEvent => ({
  user,
  at: NOW + at,
  audience: 'vip',
  value,
})

let bench: StreamBench

beforeEach(() => {
  bench = new StreamBench({ shop: SHOP })
})

afterEach(() => bench.close())

const held = (user: string, name: string) => bench.ledger.users.get(user)?.attributes.get(name)

describe('a stream', () => {
  it('catches up, then delivers what comes, window by window', async () => {
    bench.source.add([plan('u1', 'free', 1)])

    await bench.streaming(async ({ stream }) => {
      await until(() => stream.status().state === 'running')
      expect(held('u1', 'plan')).toBe('free')

      bench.source.add([plan('u1', 'pro', 2), vip('u2', true, 3)])
      await until(() => stream.status().windows === 1)

      expect(held('u1', 'plan')).toBe('pro')
      expect(bench.ledger.users.get('u2')?.events).toMatchObject([{ name: 'In' }])
      const window: Partial<WindowReport> = { number: 1, records: 2, users: 2 }
      const status: StreamStatus = stream.status()
      expect(status).toMatchObject({
        state: 'running',
        reason: null,
        records: { read: 3, changed: 3 },
        lag: { records: 0 },
        lastWindow: window,
      })
    })
  })

  it('reads every window with the decoder of the one before', async () => {
    let made = 0
    const createDecoder: StreamOptions['createDecoder'] = (plan) => {
      made++
      return createRowDecoder(plan)
    }
    await bench.streaming(
      async ({ stream, taken }) => {
        await until(() => stream.status().state === 'running')
        bench.source.add([plan('u1', 'free', 1)])
        await taken()
        const before = made
        bench.source.add([plan('u1', 'pro', 2)])
        await taken()
        bench.source.add([plan('u1', 'team', 3)])
        await taken()

        expect(held('u1', 'plan')).toBe('team')
        expect(made).toBe(before)
      },
      { createDecoder },
    )
  })

  it('goes on where it ended, and sends nothing twice', async () => {
    await bench.streaming(async ({ stream }) => {
      bench.source.add([vip('u1', true, 1)])
      await until(() => held('u1', 'vip') === true && stream.status().lag?.records === 0)
    })
    const { dataPoints } = bench.ledger

    await bench.streaming(async ({ stream }) => {
      await until(() => stream.status().state === 'running')
      bench.source.add([vip('u1', true, 1), vip('u1', false, 2)])
      await until(() => held('u1', 'vip') === false)
    })
    expect(bench.ledger.users.get('u1')?.cohorts).toEqual(new Set())

    expect(bench.ledger.users.get('u1')?.events.map(({ name }) => name)).toEqual(['In', 'Out'])
    expect(bench.ledger.dataPoints).toBe(dataPoints + 3)
  })

  it('holds the lease, and gives it back', async () => {
    await bench.withStore(async (store) => {
      await bench.streaming(async () => {
        expect((await store.currentLease())?.owner).toContain('(serve)')
        await expect(bench.run()).rejects.toMatchObject({ code: 'STATE_LEASE_HELD' })
      })

      expect(await store.currentLease()).toBeNull()
    })
  })

  it('waits while Braze cannot be reached, and says why', async () => {
    const down = new SyncError('DESTINATION_UNAVAILABLE', 'Braze is down', { hint: 'Wait.' })
    await bench.streaming(async ({ stream }) => {
      await until(() => stream.status().state === 'running')
      const { send } = bench.ledger
      bench.ledger.send = () => Promise.reject(down)
      bench.source.add([plan('u1', 'pro', 1)])
      await until(() => stream.status().state === 'waiting')
      expect(stream.status().reason).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })

      bench.ledger.send = send
      await until(() => held('u1', 'plan') === 'pro')
    })
  })

  it('ends with what ends a process', async () => {
    await bench.withStore(async (store) => {
      await expect(
        bench.streaming(async ({ stream, ended }) => {
          await until(() => stream.status().state === 'running')
          await store.breakLease()
          bench.source.add([plan('u1', 'pro', 1)])
          await ended
        }),
      ).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
    })
  })

  it('changes segments when their time comes, without an event', async () => {
    bench.close()
    const shop = `traits:
  seen: { attribute: seen, type: time }
segments:
  away: { when: { trait: seen, more_than_days_ago: 7 }, attribute: away }
`
    bench = new StreamBench({ shop })
    const day = 86_400_000
    const seen = (user: string, at: number): TestEvent => ({
      user,
      at: NOW + at,
      trait: 'seen',
      value: new Date(NOW + at).toISOString(),
    })
    bench.source.add([seen('u1', -6 * day), seen('u2', -5 * day)])

    await bench.streaming(async ({ settled }) => {
      await settled()
      bench.source.add([seen('u3', -7 * day + 1000), seen('u4', -5 * day)])
      await settled()
      expect(held('u3', 'away')).toBeUndefined()

      bench.nowMs = NOW + day + 2000
      await until(() => held('u1', 'away') === true)
      expect([held('u2', 'away'), held('u3', 'away')]).toEqual([undefined, true])
    })

    bench.nowMs = NOW + 3 * day
    const areAway = () => held('u2', 'away') === true && held('u4', 'away') === true
    await bench.streaming(async () => until(areAway))
  })

  it('forgets users who are to be forgotten', async () => {
    const onDelete = new Map([['shop', 'delete' as const]])
    await bench.streaming(
      async ({ settled }) => {
        await settled()
        bench.source.add([plan('u1', 'pro', 1), plan('u2', 'pro', 1)])
        await settled()
        bench.source.add([{ user: 'u1', at: NOW + 2, forget: true }])
        await settled()
      },
      { onDelete },
    )

    expect(bench.ledger.deleted).toEqual(['u1'])
    expect([...bench.ledger.users.keys()]).toEqual(['u2'])

    expect(await bench.withStore(isPurgeDue)).toBe(true)
    await bench.streaming(({ taken }) => taken())
    expect(await bench.withStore(isPurgeDue)).toBe(false)
  })

  it('rewrites what held users who are gone within the hour, as another run of the history', async () => {
    const onDelete = new Map([['shop', 'forget' as const]])
    await bench.streaming(
      async ({ stream, settled }) => {
        await settled()
        bench.source.add([plan('u1', 'pro', 1), vip('u2', true, 1)])
        await settled()
        bench.source.add([{ user: 'u1', at: NOW + 2, forget: true }])
        await settled()
        bench.nowMs = NOW + 3_700_000
        bench.source.add([plan('u2', 'pro', 3)])
        await until(() => stream.status().windows === 3)
        bench.source.add([vip('u3', true, 4)])
        await until(() => stream.members()?.get('shop:audiences.vip') === 2)
      },
      { onDelete },
    )

    const runs = await bench.withStore((store) => store.runs(9))
    expect(runs.map(({ status }) => status)).toEqual(['done', 'done', 'done'])
    expect(await bench.withStore(isPurgeDue)).toBe(false)
  })

  it('begins another run each hour also where some answer is always late', async () => {
    bench.ledger.delayMs = () => 400
    await bench.streaming(
      async ({ stream, taken }) => {
        await taken()
        let count = 0
        const next = async () => {
          bench.source.add([plan(`u${++count}`, 'pro', count)])
          await sleep(10)
        }
        while (stream.status().heldUsers < 3) await next()
        bench.nowMs = NOW + 3 * 3_600_000
        while ((await bench.withStore((store) => store.runs(9))).length < 3) await next()
      },
      { lateMs: 5 },
    )
    expect(bench.ledger.overlaps).toEqual([])
  })

  it('is one run in the history, with all its windows', async () => {
    await bench.streaming(async ({ settled }) => {
      await settled()
      for (const at of [1, 2, 3]) {
        bench.source.add([vip('u1', at !== 2, at), plan('u2', 'pro', at)])
        await settled()
      }
    })

    const [last] = await bench.withStore((store) => store.runs(5))
    expect(last).toMatchObject({
      status: 'done',
      report: {
        records: { read: 6, changed: 4, unchanged: 2 },
        braze: { attributes: 4, events: 3, cohort_adds: 2, cohort_removals: 1, pending: 0 },
      },
    })
  })

  it('is told of as killed by whoever comes after a process that ended without a word', async () => {
    await bench.withStore(async (store) => {
      await bench
        .streaming(async ({ stream, ended }) => {
          await until(() => stream.status().state === 'running')
          await store.breakLease()
          bench.source.add([plan('u1', 'pro', 1)])
          await ended
        })
        .catch(() => undefined)
    })

    await bench.run()

    const runs = await bench.withStore((store) => store.runs(5))
    expect(runs.map(({ status }) => status)).toEqual(['done', 'abandoned', 'done'])
  })

  it('lets nobody wait for an answer that is late but the users it is about', async () => {
    const answers: (() => void)[] = []
    const { send } = bench.ledger
    await bench.streaming(
      async ({ stream, taken, settled }) => {
        await taken()
        bench.ledger.send = async (request) => {
          if (Buffer.from(request.body).includes('"slow"'))
            await new Promise<void>((resolve) => answers.push(resolve))
          return await send.call(bench.ledger, request)
        }
        bench.source.add([vip('slow', true, 1)])
        await until(() => stream.status().heldUsers === 1)
        bench.source.add([vip('slow', false, 2), plan('quick', 'pro', 3)])
        await until(() => held('quick', 'plan') === 'pro')
        await taken()
        expect(answers).toHaveLength(1)
        expect(bench.ledger.users.has('slow')).toBe(false)

        for (const resolve of answers) resolve()
        bench.ledger.send = send
        await settled()
      },
      { lateMs: 5 },
    )

    const { attributes, events } = bench.ledger.userOf('slow')
    expect([attributes.get('vip'), events.map(({ name }) => name)]).toEqual([false, ['In', 'Out']])
    expect(await bench.withStore((store) => store.deadLetters({ limit: 5 }))).toEqual([])
    const [last] = await bench.withStore((store) => store.runs(1))
    expect(last).toMatchObject({ status: 'done', report: { reasons: [] } })
  })

  it('lets members wait for a late answer whose change it is about, and nobody who was answered', async () => {
    const names = Array.from({ length: 10 }, (_, number) => `u${number}`)
    const { send } = bench.ledger
    const late = Promise.withResolvers<void>()
    await bench.streaming(
      async ({ stream, settled }) => {
        bench.source.add(names.map((name) => plan(name, 'free', 1)))
        await settled()
        let cohorts = 0
        bench.ledger.send = async (request) => {
          if (request.path === '/cohort' && ++cohorts === 2) await late.promise
          return await send.call(bench.ledger, request)
        }
        bench.source.add(names.map((name) => vip(name, true, 2)))
        await until(() => cohorts === 2 && stream.status().heldUsers === 5)
        const answered = names.filter((name) => bench.ledger.userOf(name).cohorts.size === 1)
        bench.source.add(names.map((name) => plan(name, 'pro', 3)))
        await until(() => answered.every((name) => held(name, 'plan') === 'pro'))

        late.resolve()
        await settled()
      },
      { lateMs: 20 },
    )
    expect(names.every((name) => bench.ledger.userOf(name).cohorts.size === 1)).toBe(true)
    expect(bench.ledger.overlaps).toEqual([])
  })

  it('keeps records of users who wait through a restart', async () => {
    const { send } = bench.ledger
    bench.ledger.fails = (user) => user === 'u1'
    await bench.streaming(
      async ({ taken }) => {
        await taken()
        bench.source.add([vip('u1', true, 1)])
        await taken()
        bench.source.add([vip('u1', false, 2), plan('u2', 'pro', 3)])
        await taken()
      },
      { retryMs: 60_000 },
    )
    expect([...bench.ledger.users.keys()]).toEqual(['u2'])
    bench.ledger.fails = () => false
    bench.ledger.send = send

    await bench.streaming(({ settled }) => settled())

    const { attributes, events } = bench.ledger.userOf('u1')
    expect([attributes.get('vip'), events.map(({ name }) => name)]).toEqual([false, ['In', 'Out']])
  })

  it('lets memberships of a new user follow once the user has settled, and nobody wait for it', async () => {
    Object.defineProperty(bench.ledger, 'settleMs', { value: 300 })
    await bench.streaming(async ({ stream, taken, settled }) => {
      await taken()
      bench.source.add([vip('new', true, 1)])
      await until(() => stream.status().heldUsers === 1)
      bench.source.add([plan('other', 'pro', 2)])
      await until(() => held('other', 'plan') === 'pro')
      expect(bench.ledger.userOf('new').cohorts.size).toBe(0)

      await settled()
      expect(bench.ledger.userOf('new').cohorts.size).toBe(1)
      expect(bench.ledger.userOf('new').events).toHaveLength(1)
    })
  })
})
