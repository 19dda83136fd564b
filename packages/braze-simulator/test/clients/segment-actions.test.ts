import { createRequire } from 'node:module'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'

type Payload = Readonly<Record<string, unknown>>

interface Answer {
  readonly status: number
  readonly data: unknown
}

/** A destination of Segment's, as far as it is used here. */
interface Destination {
  readonly extendRequest?: (data: object) => object
  readonly actions: Readonly<
    Record<string, { readonly fields: Payload } & Readonly<Record<Way, Perform>>>
  >
}
type Way = 'perform' | 'performBatch'
type Perform = (request: unknown, data: object) => Promise<unknown>

const require = createRequire(import.meta.url)
const { createRequestClient, defaultValues, transform } = require('@segment/actions-core') as {
  readonly createRequestClient: (options: object) => unknown
  readonly defaultValues: (fields: Payload) => Payload
  readonly transform: (mapping: Payload, event: object) => Payload
}
// These two, and nothing of the hundreds beside them.
const { default: braze } = require('@segment/action-destinations/dist/destinations/braze') as {
  readonly default: Destination
}
const { default: cohorts } =
  require('@segment/action-destinations/dist/destinations/braze-cohorts') as {
    readonly default: Destination
  }

/** What a mapping makes of an event, with the defaults that Segment shows. */
function payloadOf({ actions }: Destination, action: string, event: object, mapping: Payload) {
  return transform({ ...defaultValues(actions[action].fields), ...mapping }, event)
}

interface Performed {
  readonly settings: object
  readonly payload: unknown
  readonly syncMode?: string
  readonly way?: Way
}

/** As Segment performs an action, after it has checked the payload. */
async function perform(to: Destination, action: string, { way = 'perform', ...data }: Performed) {
  const request = createRequestClient(to.extendRequest?.(data) ?? {})
  return (await to.actions[action][way](request, data)) as Answer
}

const TIME = '2026-01-05T10:00:00.000Z'

let simulator: Simulator
beforeEach(async () => {
  const partner = { name: 'segment', partnerApiKey: 'partner', clientSecret: 'client' }
  simulator = await startSimulator({ settings: { applyDelayMs: 0 }, partners: [partner] })
})
afterEach(() => simulator.close())

async function held(id: string): Promise<Payload> {
  return (await (await fetch(`${simulator.url}/simulator/users/${id}`)).json()) as Payload
}

/**
 * What Segment itself runs to send to Braze, unchanged but for the address: what it expects of
 * Braze, the simulator must give.
 */
describe("Segment's destination for Braze", () => {
  const settings = () => ({ endpoint: simulator.url, api_key: 'simulator', app_id: 'app' })
  const send = (action: string, event: object, mapping: Payload = {}, syncMode?: string) =>
    perform(braze, action, {
      settings: settings(),
      payload: payloadOf(braze, action, { timestamp: TIME, receivedAt: TIME, ...event }, mapping),
      ...(syncMode !== undefined && { syncMode }),
    })

  it('makes and updates profiles, or updates those there are alone', async () => {
    const identify = (userId: string, traits: object) => ({ type: 'identify', userId, traits })

    const answer = await send(
      'updateUserProfile',
      identify('ada', { email: 'Ada@example.com', ltv: 7 }),
    )
    for (const id of ['ada', 'nobody'])
      await send('updateUserProfile2', identify(id, { vip: true }), {}, 'update')

    expect(answer).toMatchObject({ status: 201, data: { message: 'success' } })
    expect(await held('ada')).toMatchObject({
      email: 'ada@example.com',
      custom_attributes: { ltv: 7, vip: true },
    })
    expect(await held('nobody')).not.toHaveProperty('custom_attributes')
  })

  it('updates many profiles at once, and sees which of them is refused', async () => {
    const payload = ['ada', 'bad'].map((userId) =>
      payloadOf(
        braze,
        'updateUserProfile',
        { userId, traits: { email: userId === 'bad' ? 'no address' : 'ada@example.com' } },
        {},
      ),
    )

    const answer = (await perform(braze, 'updateUserProfile', {
      settings: settings(),
      payload,
      way: 'performBatch',
    })) as unknown as { getAllResponses(): readonly { value(): { readonly status: number } }[] }

    expect(answer.getAllResponses().map((each) => each.value().status)).toEqual([200, 400])
    expect(await held('ada')).toMatchObject({ email: 'ada@example.com' })
  })

  it('tracks events and purchases', async () => {
    const event = { type: 'track', userId: 'ada', event: 'Visited', properties: { shop: 'main' } }
    const products = [{ product_id: 'hat', currency: 'USD', price: 2.5, quantity: 2 }]
    const order = { type: 'track', userId: 'ada', event: 'Order Completed' }

    const answers = [
      await send('trackEvent', event),
      await send('trackEvent2', event, {}, 'add'),
      await send('trackPurchase', { ...order, properties: { products } }),
    ]

    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(await held('ada')).toMatchObject({
      custom_events: [{ name: 'Visited', count: 2 }],
      purchases: [{ name: 'hat', count: 2 }],
    })
  })

  it('makes aliases, and identifies users by them', async () => {
    const alias = { alias_name: 'browser-1', alias_label: 'anonymous_id' }

    const made = await send('createAlias', {}, alias)
    const identified = await send('identifyUser', {}, { external_id: 'ada', user_alias: alias })

    expect([made.status, identified.status]).toEqual([201, 201])
    expect(await held('ada')).toMatchObject({ user_aliases: [alias] })
  })

  it('deletes users, and is told of a wrong key', async () => {
    await send('trackEvent', { userId: 'ada', event: 'Visited' })
    const { onDelete } = braze as unknown as { readonly onDelete: Perform }
    const data = { settings: settings(), payload: { userId: 'ada' } }
    const request = createRequestClient(braze.extendRequest!(data))

    const answer = (await onDelete(request, data)) as Answer
    const wrong = perform(braze, 'createAlias', {
      settings: { ...settings(), api_key: 'other' },
      payload: { alias_name: 'a', alias_label: 'b' },
    })

    expect(answer.data).toMatchObject({ deleted: 1, message: 'success' })
    await expect(wrong).rejects.toMatchObject({ response: { status: 401 } })
  })
})

describe("Segment's destination for Braze cohorts", () => {
  const KEY = 'BRAZE_COHORTS_PARTNER_API_KEY_US'
  beforeEach(() => {
    process.env[KEY] = 'partner'
  })
  afterEach(() => {
    delete process.env[KEY]
  })

  it('makes a cohort, and has users enter and leave it', async () => {
    const settings = { endpoint: simulator.url, client_secret: 'client' }
    const change = (userId: string, isMember: boolean) => ({
      external_id: userId,
      cohort_id: 'c1',
      cohort_name: 'dormant',
      personas_audience_key: 'dormant',
      event_properties: { dormant: isMember },
      time: TIME,
    })
    for (const id of ['ada', 'ben'])
      await perform(braze, 'trackEvent', {
        settings: { ...settings, api_key: 'simulator' },
        payload: { external_id: id, name: 'Visited', time: TIME },
      })

    await perform(cohorts, 'syncAudiences', {
      settings,
      payload: [change('ada', true), change('ben', true)],
      way: 'performBatch',
    })
    const left = await perform(cohorts, 'syncAudiences', {
      settings,
      payload: change('ben', false),
    })

    expect(left).toMatchObject({ status: 201 })
    expect(await held('ada')).toMatchObject({ cohorts: ['dormant'] })
    expect(await held('ben')).toMatchObject({ cohorts: [] })
  })
})
