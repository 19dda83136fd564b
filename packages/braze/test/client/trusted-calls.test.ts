import { startSimulator } from '@engage-sync/braze-simulator'
import { describe, expect, it } from 'vitest'
import { createBrazeClient } from '../../src/client/client.ts'
import { createBrazeDestination } from '../../src/destination/destination.ts'
import { createSharedPace } from '../../src/exchange/connect.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import { InstantClock } from '../test-clock.ts'

const EVENT = { external_id: 'u', name: 'Seen', time: '2026-01-01T00:00:00Z' }
const create = (options: object) =>
  createBrazeClient({ endpoint: 'US-01', apiKey: 'k', ...options })

describe('options', () => {
  it.each([
    [{ apiKey: undefined }, 'apiKey'],
    [{ apiKey: '' }, 'apiKey'],
    [{ apiKey: ' ' }, 'apiKey'],
    [{ timeoutMs: -1 }, 'timeoutMs'],
    [{ timeoutMs: 0 }, 'timeoutMs'],
    [{ timeoutMs: NaN }, 'timeoutMs'],
    [{ timeoutMs: '30s' }, 'timeoutMs'],
    [{ timeoutMs: 1e12 }, 'timeoutMs'],
    [{ retry: { budgetMs: NaN } }, 'retry.budgetMs'],
    [{ retry: { tries: 3 } }, 'retry.tries'],
    [{ requestsPerSecond: '10' }, 'requestsPerSecond'],
    [{ requestsPerSecond: Infinity }, 'requestsPerSecond'],
    [{ concurrency: 1.5 }, 'concurrency'],
    [{ maxRetries: 3 }, 'maxRetries'],
    [{ thread: 'yes' }, 'thread'],
    [{ cohorts: { partner: 'p', partnerApiKey: 'k' } }, 'cohorts.clientSecret'],
    [{ batch: 'bulk' }, 'batch'],
  ])('that cannot be are refused by name: %j', (options, name) => {
    expect(() => create(options)).toThrow(
      expect.objectContaining({
        code: 'BRAZE_OPTION',
        message: expect.stringContaining(name) as string,
      }),
    )
  })

  it('of the destination are checked too', () => {
    expect(() => createBrazeDestination({ endpoint: 'US-01', apiKey: 'k', settleMs: NaN })).toThrow(
      /settleMs/u,
    )
    expect(() =>
      createBrazeDestination({ endpoint: 'US-01', apiKey: 'k', batch: 'both' as 'bulk' }),
    ).toThrow(/batch/u)
  })

  it('say nothing of a key they refuse', () => {
    expect(() => create({ apiKey: 'secret-\n' })).toThrow(/^((?!secret).)*$/u)
  })
})

describe('values that JSON cannot hold', () => {
  const cycle: Record<string, unknown> = { external_id: 'u' }
  cycle['self'] = cycle

  it.each([
    [{ external_id: 'u', ltv: NaN }, 'ltv'],
    [{ external_id: 'u', nested: { ltv: Infinity } }, 'ltv'],
    [{ external_id: 'u', big: 1n }, 'big'],
    [cycle, 'JSON'],
  ])('are refused before anything is sent', async (attributes, name) => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const client = create({ endpoint: braze.url })

    await expect(
      client.track({ attributes: [attributes as { external_id: string }] }),
    ).rejects.toMatchObject({
      code: 'BRAZE_VALUE',
      message: expect.stringContaining(name) as string,
    })
    expect(braze.arrived).toEqual([])
    await client.close()
  })
})

describe('track', () => {
  it('gives the reasons as values when all objects are bad, as when some are', async () => {
    const simulator = await startSimulator()
    const client = create({ endpoint: simulator.url, apiKey: 'simulator' })

    const { refused, attributes } = await client.track({
      attributes: [
        { external_id: 'a', email: 'bad' },
        { external_id: 'b', email: 'bad' },
      ],
    })

    expect(refused.map(({ code, index }) => [code, index])).toEqual([
      ['BRAZE_EMAIL', 0],
      ['BRAZE_EMAIL', 1],
    ])
    expect(attributes).toBe(0)
    await client.close()
    await simulator.close()
  })

  it.each([
    [{ events: [EVENT] }, false],
    [{ attributes: [{ external_id: 'u', a: 1 }] }, true],
  ])('says of an unknown outcome whether it may be sent again: %j', async (body, retryable) => {
    await using braze = await scriptedBraze(() => 'silence')
    const stop = { timeoutMs: 50, retry: { budgetMs: 0, firstContactMs: 0 } }
    const client = create({ endpoint: braze.url, clock: new InstantClock(), ...stop })

    await expect(client.track(body)).rejects.toMatchObject({ retryable })
    await client.close()
  })
})

describe('a client', () => {
  it('that is closed stays so, and leaves a transport that was passed to its owner', async () => {
    let closed = 0
    const transport = {
      send: async () => ({ status: 201, headers: {}, body: Buffer.from('{"message":"success"}') }),
      close: async () => void closed++,
    }
    const [one, other] = [create({ transport }), create({ transport })]

    await one.close()

    await expect(one.track({ events: [EVENT] })).rejects.toMatchObject({ code: 'BRAZE_CLOSED' })
    expect((await other.track({ events: [EVENT] })).refused).toEqual([])
    expect(closed).toBe(0)
  })

  it('keeps one rate with others that share its pace', async () => {
    await using braze = await scriptedBraze(() => SUCCESS)
    const clock = new InstantClock()
    const pace = createSharedPace({ requestsPerSecond: 5, clock })
    const clients = [
      create({ endpoint: braze.url, clock, pace }),
      create({ endpoint: braze.url, clock, pace }),
    ]
    const start = clock.now()

    for (let n = 0; n < 11; n++) await clients[n % 2].track({ events: [EVENT] })

    expect(clock.now() - start).toBeGreaterThanOrEqual(2000)
    for (const client of clients) await client.close()
  })

  it('calls what it has no method for', async () => {
    await using braze = await scriptedBraze(() => ({
      status: 200,
      body: { catalogs: [] },
      headers: { 'x-request-id': 'r-1' },
    }))
    const client = create({ endpoint: braze.url })

    const answer = await client.request('PATCH', '/catalogs/shop/items', { body: { items: [] } })

    expect(answer).toEqual({
      status: 200,
      body: { catalogs: [] },
      requestId: 'r-1',
      saysSuccess: false,
    })
    expect(braze.arrived[0]).toMatchObject({
      method: 'PATCH',
      path: '/catalogs/shop/items',
      body: '{"items":[]}',
    })
    await expect(client.request('GET', '//evil.example/')).rejects.toMatchObject({
      code: 'BRAZE_OPTION',
    })
    await client.close()
  })
})

describe('identities and subscriptions, against the simulator', () => {
  it('renames and removes external ids, and tells which it could not', async () => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    const client = create({ endpoint: simulator.url, apiKey: 'simulator' })
    await client.track({ attributes: [{ external_id: 'old', a: 1 }] })
    await simulator.settle()

    const renamed = await client.renameExternalIds([
      { current_external_id: 'old', new_external_id: 'new' },
      { current_external_id: 'nobody', new_external_id: 'x' },
    ])
    await simulator.settle()
    const removed = await client.removeExternalIds(['old'])

    expect([renamed.done, renamed.failed]).toEqual([['new'], [{ index: 1 }]])
    expect([removed.done, removed.failed]).toEqual([['old'], []])
    await client.close()
    await simulator.close()
  })

  it('has a segment exported', async () => {
    await using braze = await scriptedBraze(() => ({
      status: 201,
      body: {
        message: 'success',
        object_prefix: 'segment-export/1',
        url: 'https://example.com/1.zip',
      },
    }))
    const client = create({ endpoint: braze.url })

    const answer = await client.exportSegment({
      segment_id: 's',
      fields_to_export: ['external_id'],
    })

    expect(answer).toEqual({ objectPrefix: 'segment-export/1', url: 'https://example.com/1.zip' })
    expect(braze.arrived[0]).toMatchObject({ path: '/users/export/segment', method: 'POST' })
    await client.close()
  })

  it('sets groups and reads them back', async () => {
    const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
    const client = create({ endpoint: simulator.url, apiKey: 'simulator' })
    const id = '6b1a1c1e-0000-4000-8000-000000000001'
    await client.track({ attributes: [{ external_id: 'u', email: 'u@example.com' }] })
    await simulator.settle()

    await client.setSubscriptionGroups([
      { subscription_group_id: id, subscription_state: 'subscribed', external_ids: ['u'] },
    ])
    await simulator.settle()
    const [user] = await client.userSubscriptions({ external_id: ['u'] })

    expect(user.subscription_groups).toMatchObject([
      { id, status: expect.stringMatching(/^subscribed$/iu) as string },
    ])
    await client.close()
    await simulator.close()
  })
})
