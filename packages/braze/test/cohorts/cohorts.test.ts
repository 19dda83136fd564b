import { describe, expect, it } from 'vitest'
import type { CohortMember, PackedRequest } from '@engage-sync/contract'
import { createCohorts } from '../../src/cohorts/cohorts.ts'
import { packCohort } from '../../src/cohorts/pack-cohort.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Arrived, Reply } from '../scripted-braze.ts'

const KEYS = { partner: 'acme', partnerApiKey: 'partner-key', clientSecret: 'client-secret' }
const COHORT = { id: 'engage-sync:vip', name: 'VIPs', createdAt: '2026-01-01T00:00:00.000Z' }

function packed(count: number): PackedRequest {
  const members = Array.from({ length: count }, (_, update): CohortMember => ({
    update,
    ref: 0,
    user: { externalId: `u${update}` },
    member: update % 2 === 0,
  }))
  return packCohort('vip', members, { path: '/partners/acme/cohorts/users', nextId: () => 1 })[0]
}

const usersIn = ({ body }: Arrived) =>
  [...body.matchAll(/"u(\d+)"/g)].map(([, digits]) => Number(digits))

async function withBraze<Result>(
  reply: (request: Arrived, number: number) => Reply,
  use: (cohorts: ReturnType<typeof createCohorts>) => Promise<Result>,
) {
  await using braze = await scriptedBraze(reply)
  await using made = connection(braze.url)
  return { result: await use(createCohorts(made.shared, KEYS)), arrived: braze.arrived }
}

describe('createCohorts', () => {
  it('creates and renames, with the keys in the body alone', async () => {
    const { result, arrived } = await withBraze(
      () => ({ status: 201, body: {} }),
      async (cohorts) => [
        await cohorts.prepare(COHORT, SIGNAL),
        await cohorts.prepare({ ...COHORT, name: 'Very important' }, SIGNAL),
      ],
    )

    expect(result).toEqual([
      { outcomes: [{ status: 'delivered' }], requests: 1, retries: 0 },
      { outcomes: [{ status: 'delivered' }], requests: 1, retries: 0 },
    ])
    expect(arrived.map(({ path }) => path)).toEqual([
      '/partners/acme/cohorts',
      '/partners/acme/cohorts',
    ])
    expect(arrived[0].headers['authorization']).toBeUndefined()
    expect(JSON.parse(arrived[0].body)).toEqual({
      partner_api_key: 'partner-key',
      client_secret: 'client-secret',
      cohort_id: 'engage-sync:vip',
      name: 'VIPs',
      created_at: '2026-01-01T00:00:00.000Z',
    })
    expect((JSON.parse(arrived[1].body) as { name: string }).name).toBe('Very important')
  })

  it('delivers memberships; no packed request holds a key', async () => {
    const request = packed(4)
    const { result, arrived } = await withBraze(
      () => SUCCESS,
      (cohorts) => cohorts.deliver(request, SIGNAL),
    )

    expect(result.outcomes).toEqual(Array.from({ length: 4 }, () => ({ status: 'delivered' })))
    expect(Buffer.from(request.body).toString('utf8')).not.toContain('key')
    expect(JSON.parse(arrived[0].body)).toEqual({
      partner_api_key: 'partner-key',
      client_secret: 'client-secret',
      cohort_id: 'vip',
      cohort_changes: [{ user_ids: ['u0', 'u2'] }, { user_ids: ['u1', 'u3'], should_remove: true }],
    })
  })

  it('tries a locked cohort again', async () => {
    const { result } = await withBraze(
      (_, number) => (number < 2 ? { status: 423, body: { message: 'Resource locked' } } : SUCCESS),
      (cohorts) => cohorts.deliver(packed(2), SIGNAL),
    )

    expect(result).toEqual({
      outcomes: [{ status: 'delivered' }, { status: 'delivered' }],
      requests: 3,
      retries: 2,
    })
  })

  it('leaves cohort work pending once the keys are refused, and asks no more', async () => {
    const { result, arrived } = await withBraze(
      (_, number) =>
        number === 0 ? SUCCESS : { status: 401, body: { message: 'Invalid client secret' } },
      async (cohorts) => [
        await cohorts.deliver(packed(1), SIGNAL),
        await cohorts.deliver(packed(2), SIGNAL),
        await cohorts.deliver(packed(3), SIGNAL),
        await cohorts.prepare(COHORT, SIGNAL),
      ],
    )

    expect(result.map(({ outcomes }) => outcomes.map(({ status }) => status))).toEqual([
      ['delivered'],
      ['failed', 'failed'],
      ['failed', 'failed', 'failed'],
      ['failed'],
    ])
    expect(arrived).toHaveLength(2)
  })

  it.each([
    '`cohort_id` must be a valid string',
    '`name` must be a non-empty string',
    '`created_at` must be a valid time as an ISO-8601 string',
  ])('rejects a whole call for what concerns the cohort: %s', async (message) => {
    const { result, arrived } = await withBraze(
      () => ({ status: 400, body: { message } }),
      (cohorts) => cohorts.deliver(packed(3), SIGNAL),
    )

    expect(
      result.outcomes.every(
        (outcome) => outcome.status === 'rejected' && outcome.rejection.message.includes(message),
      ),
    ).toBe(true)
    expect(arrived).toHaveLength(1)
  })

  it('finds the ids that Braze refuses', async () => {
    const { result } = await withBraze(
      (request) =>
        usersIn(request).includes(5)
          ? { status: 400, body: { message: '`cohort_changes` must be an array of objects' } }
          : SUCCESS,
      (cohorts) => cohorts.deliver(packed(8), SIGNAL),
    )

    const request = packed(8)
    result.outcomes.forEach(({ status }, index) =>
      expect(status).toBe(request.parts[index].update === 5 ? 'rejected' : 'delivered'),
    )
  })

  it('halves what is too large, and rejects a single id that still is', async () => {
    const { result } = await withBraze(
      (request) =>
        usersIn(request).length > 2 || usersIn(request).includes(0) ? { status: 413 } : SUCCESS,
      (cohorts) => cohorts.deliver(packed(6), SIGNAL),
    )

    expect(result.outcomes.map(({ status }) => status)).toEqual([
      'rejected',
      'delivered',
      'delivered',
      'delivered',
      'delivered',
      'delivered',
    ])
  })

  it('keeps the order of pieces, and the answers it has', async () => {
    const { result, arrived } = await withBraze(
      (_, number) => [{ status: 413 }, SUCCESS, { status: 404 }][number] as Reply,
      (cohorts) => cohorts.deliver(packed(4), SIGNAL),
    )

    expect(result.outcomes.map(({ status }) => status)).toEqual([
      'delivered',
      'delivered',
      'failed',
      'failed',
    ])
    expect(arrived.map(usersIn)).toEqual([
      [0, 2, 1, 3],
      [0, 2],
      [1, 3],
    ])
  })

  it('rejects a cohort that Braze does not take', async () => {
    const { result } = await withBraze(
      () => ({ status: 400, body: { message: '`name` must be a non-empty string' } }),
      (cohorts) => cohorts.prepare(COHORT, SIGNAL),
    )

    expect(result.outcomes[0].status).toBe('rejected')
  })

  it('tells the reason of what it gave up', async () => {
    await using braze = await scriptedBraze(() => 'silence')
    await using made = connection(braze.url)
    const stop = new AbortController()
    const delivering = createCohorts(made.shared, KEYS).deliver(packed(1), stop.signal)
    while (braze.arrived.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    stop.abort()

    expect((await delivering).outcomes).toEqual([{ status: 'failed', reason: 'ABORTED' }])
  })
})
