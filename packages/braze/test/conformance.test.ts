import { SETTINGS, startSimulator } from '@engage-sync/braze-simulator'
import type { Settings } from '@engage-sync/braze-simulator'
import { destinationContract } from '@engage-sync/testkit'
import type { DestinationGroup } from '@engage-sync/testkit'
import { afterAll, describe, expect, it } from 'vitest'
import { createBrazeClient } from '../src/client/client.ts'
import type { BrazeDestinationOptions } from '../src/destination/destination.ts'
import { createGotTransport } from '../src/transport/got-transport.ts'
import { createThreadTransport } from '../src/transport/thread-transport.ts'
import { SIGNAL } from './connection.ts'
import { simulated } from './simulated.ts'
import { update } from './updates.ts'

destinationContract('the adapter', () => simulated())
destinationContract('the adapter with bulk', () => simulated({}, { batch: 'bulk' }), [
  'delivery',
  'refusal',
])

const thread = createThreadTransport({ sockets: 20 })
destinationContract(
  'the adapter on a thread',
  () => simulated({}, { transport: { send: thread.send, close: async () => undefined } }),
  ['delivery', 'failure'],
)

afterAll(() => thread.close())

interface Switch {
  readonly settings: Partial<Settings>
  readonly groups: readonly DestinationGroup[]
  readonly options?: Partial<BrazeDestinationOptions>
}

/** Long enough for a window of the simulator to end. */
const PATIENT = { retry: { baseMs: 5, maxMs: 20, budgetMs: 20_000 } }

/** Every switch of the simulator away from its default, with the groups it can change. */
const SWITCHES: readonly Switch[] = [
  {
    settings: { objectLimit: 'perArray75' },
    groups: ['delivery', 'refusal'],
    options: { batch: 'per_array' },
  },
  { settings: { objectLimit: 'combined50' }, groups: ['delivery', 'refusal'] },
  { settings: { errorStyle: 'code' }, groups: ['refusal'] },
  { settings: { applyDelayMs: 0 }, groups: ['refusal', 'users'] },
  {
    settings: { applyDelayMs: 40, applyShuffle: true, answerDelayMs: 10 },
    groups: ['delivery', 'cohorts'],
  },
  {
    settings: { rateHeaders: 'relative', trackLimit: 2, trackWindowMs: 1000 },
    groups: ['delivery'],
    options: PATIENT,
  },
  {
    settings: { rateHeaders: 'epoch', trackLimit: 2, trackWindowMs: 1000 },
    groups: ['refusal'],
    options: PATIENT,
  },
  {
    settings: {
      account: 'new_account',
      missingPermission: '401',
      usersLimit: 2,
      usersWindowMs: 1000,
      exportLimit: 1,
      exportWindowMs: 1000,
    },
    groups: ['users'],
    options: PATIENT,
  },
  {
    settings: { cohortsLimit: 2, cohortsWindowMs: 1000, cohortLock: true, cohortPoints: 0 },
    groups: ['cohorts'],
    options: PATIENT,
  },
  {
    settings: {
      arrayLimit: 10,
      arrayOverflow: 'newest',
      longStrings: 'cut',
      nestedNulls: 'store',
      absentMatchesNot: false,
      segmentableProperties: ['Seen.number'],
      blockedUsers: ['somebody'],
      blockedAttributes: ['blocked'],
      blockedEvents: ['Blocked'],
      defaultLimit: 10,
      defaultWindowMs: 1000,
      bulkLimit: 10,
      bulkWindowMs: 500,
      syncLimit: 10,
      syncWindowMs: 1000,
      listsLimit: 10,
      listsWindowMs: 1000,
      keepRequests: 1,
      keepDrops: 1,
    },
    groups: ['delivery', 'refusal'],
  },
  { settings: { nestedNulls: 'drop' }, groups: ['delivery'] },
]
for (const { settings, groups, options } of SWITCHES)
  destinationContract(
    `the adapter where ${JSON.stringify(settings)}`,
    () => simulated({ settings }, options),
    groups,
  )

/** Limits of calls that only the client makes. */
const CLIENT_SWITCHES = {
  subscriptionsLimit: 1,
  subscriptionsWindowMs: 500,
  externalIdsLimit: 1,
  externalIdsWindowMs: 500,
}

/** Where the archive of a segment's export goes, and when it is there. */
const EXPORT_SWITCHES = [{ segmentExportMs: 3_600_000 }, { segmentExportTo: 'storage' }] as const

describe('the switches of the simulator', () => {
  it('that keep an archive back give no address, or one where nothing is yet', async () => {
    const all = { custom_attribute: { custom_attribute_name: 'a', comparison: 'exists' } }
    for (const settings of EXPORT_SWITCHES) {
      const segments = [{ id: 'all', name: 'All', filter: all }]
      const simulator = await startSimulator({ settings, segments })
      const client = createBrazeClient({ endpoint: simulator.url, apiKey: 'simulator' })

      const { url, objectPrefix } = await client.exportSegment({
        segment_id: 'all',
        fields_to_export: ['external_id'],
      })

      expect(objectPrefix).toContain('segment-export/all/')
      expect(url === null).toBe('segmentExportTo' in settings)
      if (url !== null) expect((await fetch(url)).status).toBe(404)
      await client.close()
      await simulator.close()
    }
  })

  it('that limit groups and ids end in a wait, not in a refusal', async () => {
    const simulator = await startSimulator({ settings: CLIENT_SWITCHES })
    const client = createBrazeClient({
      endpoint: simulator.url,
      apiKey: 'simulator',
      retry: PATIENT.retry,
    })
    const group = {
      subscription_group_id: '6b1a1c1e-0000-4000-8000-000000000001',
      subscription_state: 'subscribed',
    } as const

    for (const external_id of [['a'], ['b']])
      await client.setSubscriptionStatus({ ...group, external_id })
    for (const id of ['a', 'b']) await client.removeExternalIds([id])

    await client.close()
    await simulator.close()
  })

  it('are all tried', () => {
    const tried = new Set(
      [...SWITCHES.map(({ settings }) => settings), CLIENT_SWITCHES, ...EXPORT_SWITCHES].flatMap(
        Object.keys,
      ),
    )

    expect(Object.keys(SETTINGS).filter((name) => !tried.has(name))).toEqual([])
  })

  it.each(['403', '401'] as const)(
    'show a missing permission as %s, and the adapter tells it',
    async (missingPermission) => {
      const { destination, close } = await simulated({
        settings: { missingPermission },
        apiKeys: [{ key: 'simulator', permissions: ['users.export.ids', 'users.track'] }],
      })

      const status = Object.fromEntries(
        (await destination.check(SIGNAL)).map((check) => [check.name, check.status]),
      )

      expect(status).toMatchObject({
        key: 'ok',
        'users.track': 'ok',
        'users.export.ids': 'ok',
        'users.merge': 'warning',
        'users.delete': 'warning',
      })
      await close()
    },
  )

  it.each(['text', 'code'] as const)(
    'block a user, said as %s, and the others get through',
    async (errorStyle) => {
      const { destination, server, close } = await simulated({
        settings: { errorStyle, blockedUsers: ['user-1'] },
      })
      const packer = destination.createPacker()
      for (const ref of [0, 1, 2]) packer.add(update(ref, { attributes: '"a":1' }))

      const { outcomes } = await destination.send(packer.flush()[0], SIGNAL)
      await server.settle()

      expect(
        outcomes.map((outcome) =>
          outcome.status === 'rejected' ? outcome.rejection.code : outcome.status,
        ),
      ).toEqual(['delivered', 'BRAZE_BLOCKED_USER', 'delivered'])
      expect((await server.user('user-2'))?.attributes).toEqual({ a: 1 })
      await close()
    },
  )

  it('keep a wrong key out', async () => {
    const { destination, close } = await simulated({}, { apiKey: 'another' })

    expect((await destination.check(SIGNAL)).find(({ name }) => name === 'key')?.status).toBe(
      'failed',
    )
    await close()
  })

  it('refuse cohort keys, each by its own check', async () => {
    for (const cohorts of [
      { partner: 'simulator', partnerApiKey: 'wrong', clientSecret: 'simulator' },
      { partner: 'simulator', partnerApiKey: 'simulator', clientSecret: 'wrong' },
    ]) {
      const { destination, close } = await simulated(
        {},
        { cohorts, transport: createGotTransport({ sockets: 1 }) },
      )

      expect((await destination.check(SIGNAL)).find(({ name }) => name === 'cohorts')?.status).toBe(
        'failed',
      )
      expect(
        (
          await destination.prepareCohort(
            { id: 'c', name: 'n', createdAt: '2026-01-01T00:00:00Z' },
            SIGNAL,
          )
        ).outcomes[0].status,
      ).toBe('failed')
      await close()
    }
  })
})

describe("Braze's limit of bulk requests", () => {
  it('is not met, where no rate is configured and no header helps', async () => {
    // On a machine that is busy elsewhere an answer may take its time; a try that is given up would count as a retry.
    const patient = { batch: 'bulk', timeoutMs: 60_000 } as const
    const { destination, close } = await simulated({ rules: { rateHeaders: false } }, patient)
    const packer = destination.createPacker()
    const requests = Array.from({ length: 120 }, (_, ref) => {
      packer.add(update(ref, { attributes: '"a":1' }))
      return packer.flush()[0]
    })

    const sent = await Promise.all(requests.map((request) => destination.send(request, SIGNAL)))

    expect(sent.reduce((sum, { retries }) => sum + retries, 0)).toBe(0)
    await close()
  })
})
