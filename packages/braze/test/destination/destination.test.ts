import { describe, expect, it } from 'vitest'
import { createBrazeDestination } from '../../src/destination/destination.ts'
import { SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import { InstantClock } from '../test-clock.ts'
import { update } from '../updates.ts'

const make = (url: string, more: Partial<Parameters<typeof createBrazeDestination>[0]> = {}) =>
  createBrazeDestination({
    endpoint: url,
    apiKey: 'k',
    clock: new InstantClock(),
    random: () => 0.5,
    ...more,
  })

describe('createBrazeDestination', () => {
  it('has its defaults', async () => {
    const destination = make('US-01')

    expect([destination.name, destination.settleMs, destination.concurrency]).toEqual([
      'braze',
      5000,
      100,
    ])
    expect(destination.requestsPerSecond).toBe(1000)
    expect(make('US-01', { batch: 'bulk' }).requestsPerSecond).toBe(50)
    expect(make('US-01', { batch: 'bulk', requestsPerSecond: 20 }).requestsPerSecond).toBe(20)
    await destination.close()
  })

  it('packs by the mode it is given', () => {
    const packer = make('US-01', { batch: 'bulk' }).createPacker()

    packer.add(update(1, { attributes: '"a":1' }))

    expect(packer.flush()[0].path).toBe('/users/track/bulk')
  })

  it('numbers the requests of all its packers and cohorts in one row', () => {
    const destination = make('US-01', {
      cohorts: { partner: 'acme', partnerApiKey: 'p', clientSecret: 'c' },
    })
    const pack = (ref: number) => {
      const packer = destination.createPacker()
      packer.add(update(ref, { attributes: '"a":1' }))
      return packer.flush()[0]
    }
    const cohort = () =>
      destination.packCohort('vip', [
        { update: 1, ref: 0, user: { externalId: 'u' }, member: true },
      ])[0]

    expect([pack(1).id, cohort().id, pack(2).id, cohort().id]).toEqual([1, 2, 3, 4])
  })

  it('lets a user go on once its request was answered, however it ended', async () => {
    await using braze = await scriptedBraze((_, number) =>
      number === 0 ? { status: 404 } : SUCCESS,
    )
    const destination = make(braze.url)
    const pack = () => {
      const packer = destination.createPacker()
      packer.add(update(1, { attributes: '"a":1' }))
      return packer.flush()[0]
    }

    const first = pack()
    expect(pack().after).toBe(first.id)
    await destination.send(first, SIGNAL).catch(() => undefined)
    await destination.send({ ...first, id: 2 }, SIGNAL)

    expect(pack().after).toBeNull()
    await destination.close()
  })

  it('leaves cohorts pending without keys, and asks nobody', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const destination = make(braze.url)
    const failed = { status: 'failed', reason: 'no cohort keys are configured' }
    const [request] = destination.packCohort('vip', [
      { update: 1, ref: 0, user: { externalId: 'u' }, member: true },
    ])

    expect(
      await destination.prepareCohort({ id: 'vip', name: 'VIPs', createdAt: 'x' }, SIGNAL),
    ).toEqual({
      outcomes: [failed],
      requests: 0,
      retries: 0,
    })
    expect((await destination.send(request, SIGNAL)).outcomes).toEqual([failed])
    expect(braze.arrived).toEqual([])
  })

  it('tells of a wait that Braze asks for, and so do its hooks', async () => {
    const headers = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '40' }
    await using braze = await scriptedBraze(() => ({
      status: 201,
      body: { message: 'success' },
      headers,
    }))
    const told: unknown[] = []
    const destination = make(braze.url, { hooks: { onWait: (each) => told.push(each) } })
    destination.onWait?.((waitMs) => told.push(waitMs))
    const packer = destination.createPacker()

    for (let ref = 0; ref < 2; ref++) {
      packer.add(update(ref, { attributes: '"a":1' }))
      await destination.send(packer.flush()[0], SIGNAL)
    }

    expect(told).toEqual([{ group: 'track', waitMs: 40_000 }, 40_000])
    await destination.close()
  })

  it('tells of tries that are going to be repeated, but of no 429: that is a wait', async () => {
    const statuses = [429, 503, 503, 503, 503]
    await using braze = await scriptedBraze((_, number) => {
      const status = statuses[number]
      return status === undefined ? SUCCESS : { status, headers: { 'retry-after': '7' } }
    })
    const told: unknown[] = []
    const destination = make(braze.url)
    destination.onRetry?.((each) => told.push(each))
    const packer = destination.createPacker()
    packer.add(update(0, { attributes: '"a":1' }))

    await destination.send(packer.flush()[0], SIGNAL)

    expect(told).toEqual(Array.from({ length: 4 }, () => ({ reason: 'HTTP 503', waitMs: 7000 })))
    await destination.close()
  })

  it('obeys a configured rate for track alone', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const clock = new InstantClock()
    const destination = make(braze.url, { requestsPerSecond: 2, clock })
    const packer = destination.createPacker()
    const start = clock.now()
    const send = async (ref: number) => {
      packer.add(update(ref, { attributes: '"a":1' }))
      await destination.send(packer.flush()[0], SIGNAL)
    }

    for (let ref = 0; ref < 6; ref++) await send(ref)
    const elapsedMs = clock.now() - start
    for (let number = 0; number < 6; number++)
      await destination.deleteUsers([{ externalId: 'u' }], SIGNAL)

    expect(elapsedMs).toBeGreaterThanOrEqual(2000)
    expect(clock.now() - start - elapsedMs).toBeLessThan(100)
    await destination.close()
  })

  it.each([
    ['combined', 80, 0],
    ['bulk', 80, 500],
  ] as const)(
    'keeps to what Braze takes where no rate is configured: %s',
    async (batch, requests, leastMs) => {
      await using braze = await scriptedBraze(() => SUCCESS)
      const clock = new InstantClock()
      const destination = make(braze.url, { batch, clock })
      const packer = destination.createPacker()
      const start = clock.now()

      for (let ref = 0; ref < requests; ref++) {
        packer.add(update(ref, { attributes: '"a":1' }))
        await destination.send(packer.flush()[0], SIGNAL)
      }

      expect(clock.now() - start).toBeGreaterThanOrEqual(leastMs)
      if (leastMs === 0) expect(clock.now() - start).toBe(0)
      await destination.close()
    },
  )
})
