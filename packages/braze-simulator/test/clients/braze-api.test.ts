import { Braze } from 'braze-api'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'

const GROUP = '6f2f3a0e-8d3c-4f5e-9a53-0c1ddc7c2f10'
const GOLD = {
  custom_attribute: { custom_attribute_name: 'plan', comparison: 'equals', value: 'gold' },
}
const alias = (name: string) => ({ alias_name: name, alias_label: 'browser' })
const recently = new Date(Date.now() - 86_400_000).toISOString()

let simulator: Simulator
let braze: Braze
beforeEach(async () => {
  simulator = await startSimulator({
    settings: { applyDelayMs: 0 },
    segments: [{ id: 'gold', name: 'Gold', filter: GOLD }],
  })
  braze = new Braze(simulator.url, 'simulator')
})
afterEach(() => simulator.close())

/** The profile of an external id, as the client exports it. */
async function exported(id: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const { users } = await braze.users.export.ids({ external_ids: [id] })
  return users[0] as Readonly<Record<string, unknown>> | undefined
}

/**
 * A client others wrote from the documentation alone: what it expects of Braze, the simulator must
 * give.
 */
describe('the client braze-api', () => {
  it('tracks users, events and purchases', async () => {
    const body = {
      attributes: [{ external_id: 'ada', plan: 'gold', email: 'Ada@example.com' }],
      events: [{ external_id: 'ada', name: 'Visited', time: recently }],
      purchases: [
        {
          external_id: 'ada',
          product_id: 'hat',
          currency: 'USD',
          price: 2.5,
          quantity: 2,
          time: recently,
        },
      ],
    }

    const answer = await braze.users.track(body)

    expect(answer).toEqual({
      message: 'success',
      attributes_processed: 1,
      events_processed: 1,
      purchases_processed: 1,
    })
    expect(await exported('ada')).toMatchObject({
      email: 'ada@example.com',
      custom_attributes: { plan: 'gold' },
      custom_events: [{ name: 'Visited', count: 1 }],
      purchases: [{ name: 'hat', count: 2 }],
    })
  })

  it('tracks in bulk, and sees the errors of single objects', async () => {
    const attributes = Array.from({ length: 60 }, (_, index) => ({
      external_id: `u${index}`,
      n: index,
    }))

    const answer = await braze.users.track(
      { attributes: [...attributes, { external_id: 'bad', email: 'no address' }] },
      true,
    )

    expect(answer).toMatchObject({
      attributes_processed: 60,
      errors: [{ input_array: 'attributes', index: 60 }],
    })
  })

  it('names users by alias, identifies and merges them', async () => {
    await braze.users.track({ attributes: [{ external_id: 'ada', plan: 'gold' }] })
    await braze.users.alias.new({
      user_aliases: [{ external_id: 'ada', ...alias('a') }, alias('b')],
    })
    await braze.users.alias.update({
      alias_updates: [{ alias_label: 'browser', old_alias_name: 'b', new_alias_name: 'c' }],
    })
    await braze.users.identify({
      aliases_to_identify: [{ external_id: 'grace', user_alias: alias('c') }],
    })
    expect(await exported('grace')).toMatchObject({ user_aliases: [alias('c')] })

    await braze.users.merge({
      merge_updates: [
        {
          identifier_to_merge: { external_id: 'ada' },
          identifier_to_keep: { external_id: 'grace' },
        },
      ],
    })

    expect(await exported('ada')).toBeUndefined()
    expect(await exported('grace')).toMatchObject({ custom_attributes: { plan: 'gold' } })
  })

  it('renames and removes external ids', async () => {
    await braze.users.track({ attributes: [{ external_id: 'old', n: 1 }] })

    const renamed = await braze.users.external_ids.rename({
      external_id_renames: [{ current_external_id: 'old', new_external_id: 'new' }],
    })
    const removed = await braze.users.external_ids.remove({ external_ids: ['old'] })

    expect(renamed).toEqual({ message: 'success', external_ids: ['new'], rename_errors: [] })
    expect(removed).toEqual({ message: 'success', removed_ids: ['old'], removal_errors: [] })
    expect(await exported('new')).toMatchObject({ custom_attributes: { n: 1 } })
  })

  it('sets and gets subscription states, of both versions', async () => {
    await braze.users.track({ attributes: [{ external_id: 'ada', email: 'ada@example.com' }] })
    const group = { subscription_group_id: GROUP, subscription_state: 'subscribed' } as const

    await braze.subscription.status.set({
      ...group,
      external_id: ['ada'],
      email: ['ada@example.com'],
    })
    const status = await braze.subscription.status.get({
      subscription_group_id: GROUP,
      external_id: 'ada',
    })
    await braze.v2.subscription.status.set({
      subscription_groups: [
        { ...group, subscription_state: 'unsubscribed', emails: ['ada@example.com'] },
      ],
    })
    const { users } = await braze.subscription.user.status({ external_id: 'ada' })

    expect(status).toEqual({ status: { ada: 'Subscribed' }, message: 'success' })
    expect(users).toMatchObject([
      { external_id: 'ada', subscription_groups: [{ id: GROUP, status: 'Unsubscribed' }] },
    ])
  })

  it('lists, shows and exports segments', async () => {
    await braze.users.track({ attributes: [{ external_id: 'ada', plan: 'gold' }] })

    const { segments } = await braze.segments.list()
    const details = await braze.segments.details({ segment_id: 'gold' })
    const { url } = await braze.users.export.segment({
      segment_id: 'gold',
      fields_to_export: ['external_id'],
    })

    expect([segments.map(({ name }) => name), details.name]).toEqual([['Gold'], 'Gold'])
    expect((await fetch(String(url))).headers.get('content-type')).toBe('application/zip')
  })

  it('deletes users', async () => {
    await braze.users.track({ attributes: [{ external_id: 'ada', n: 1 }] })

    expect(await braze.users.delete({ external_ids: ['ada'] })).toEqual({
      deleted: 1,
      message: 'success',
    })
    expect(await exported('ada')).toBeUndefined()
  })

  it('throws what Braze says of a bad key, of bad objects and of a limit', async () => {
    const bad = { attributes: [{ external_id: 'u', email: 'no address' }] }
    await expect(new Braze(simulator.url, 'other').users.track(bad)).rejects.toThrow(
      'Invalid API key: other',
    )
    await expect(braze.users.track(bad)).rejects.toMatchObject({
      errors: [{ input_array: 'attributes', index: 0 }],
    })
    simulator.addFault({ kind: 'status', status: 429 })
    await expect(braze.users.track(bad)).rejects.toThrow('Rate limited')
  })
})
