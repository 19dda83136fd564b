import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'
import { Probe } from '../spec/probe.ts'

let simulator: Simulator
let probe: Probe
beforeEach(async () => {
  simulator = await startSimulator()
  probe = new Probe(simulator)
})
afterEach(() => simulator.close())

describe('inspection', () => {
  it('pages and searches users', async () => {
    await probe.track({
      attributes: Array.from({ length: 30 }, (_, index) => ({
        external_id: `user-${index}`,
        n: index,
      })),
    })

    const page = await probe.look('users?offset=10&limit=5')
    const found = await probe.look('users?search=user-2')

    expect([
      page.total,
      page.users.map((user: { external_id: string }) => user.external_id),
    ]).toEqual([30, ['user-10', 'user-11', 'user-12', 'user-13', 'user-14']])
    expect(found.total).toBe(11)
  })

  it('finds users by ids of any form', async () => {
    const id = 'a/b c?d#é%'
    await probe.track({ attributes: [{ external_id: id, n: 1 }] })

    expect(await probe.user(encodeURIComponent(id))).toMatchObject({ external_id: id })
  })

  it('keeps requests with their bodies, and exact counts beyond what it keeps', async () => {
    simulator.settings.keepRequests = 2
    await probe.write({ n: 1 }, { n: 2 }, { n: 3 })

    const { total, counts, requests } = await probe.look('requests')
    expect([total, counts, requests.length]).toEqual([3, { '/users/track 201': 3 }, 2])
    expect(await probe.look('requests/3')).toMatchObject({
      request: 3,
      applied: true,
      body: { attributes: [{ external_id: 'u', n: 3 }] },
    })
    expect((await fetch(`${simulator.url}/simulator/requests/1`)).status).toBe(404)
    expect((await probe.look('ledger')).total).toBe(3)
  })

  it('keeps the latest drops, and exact counts', async () => {
    simulator.settings.keepDrops = 5
    for (let turn = 0; turn < 60; turn++) await probe.write({ text: 'x'.repeat(256) })

    const { total, counts, drops } = await probe.look('drops')
    expect([total, counts, drops.length, drops[4].request]).toEqual([
      60,
      { string_too_long: 60 },
      5,
      60,
    ])
  })

  it('tells the latest run, which begins after ten seconds of silence', async () => {
    await simulator.close()
    let now = Date.UTC(2026, 10, 29)
    simulator = await startSimulator({ now: () => now })
    probe = new Probe(simulator)
    expect(await probe.look('last-run')).toEqual({ started_at: null })
    await probe.write({ n: 1 })
    now += 10_000
    await probe.write({ n: 2 })
    expect(await probe.look('last-run')).toMatchObject({
      before: { users: 0, requests: 0 },
      after: { users: 1, requests: 2 },
    })
    now += 10_001
    await probe.track({ attributes: [{ external_id: 'v', n: 1 }] })

    expect(await probe.look('last-run')).toEqual({
      started_at: now,
      latest_at: now,
      before: { users: 1, requests: 2, data_points: 2, drops: 0 },
      after: { users: 2, requests: 3, data_points: 3, drops: 0 },
      cohorts: [],
    })
    expect((await probe.look('timeline')).buckets).toHaveLength(3)
  })

  it('takes users, and leaves those that are there', async () => {
    await probe.write({ n: 1 })

    const seen = await probe.send('/simulator/users', [
      { external_id: 'u', n: 2 },
      { external_id: 'v', custom_attributes: { n: 3 }, cohorts: ['Fans'] },
    ])
    const wrong = await probe.send('/simulator/users', { external_id: 'u' })

    expect([seen.body, wrong.status]).toEqual([{ added: 1 }, 400])
    expect([await probe.custom(), (await probe.user('v')).cohorts]).toEqual([{ n: 1 }, ['Fans']])
    expect(await probe.points()).toBe(1)
  })

  it('forgets on reset', async () => {
    await probe.write({ n: 1 })
    await fetch(`${simulator.url}/simulator/reset`, { method: 'POST' })

    expect(await probe.look('summary')).toMatchObject({ users: 0, requests: 0, data_points: 0 })
  })

  it('changes switches, or says which it does not know and changes nothing', async () => {
    const good = await probe.send('/simulator/settings', {
      apply_delay_ms: 0,
      rules: { dateStrings: false },
    })
    const bad = await probe.send('/simulator/settings', { apply_delay_ms: 5, apply_dely_ms: 5 })
    const wrong = await probe.send('/simulator/settings', { object_limit: 'many' })
    const rule = await probe.send('/simulator/settings', { rules: { gravity: false } })

    expect(good.body).toMatchObject({ apply_delay_ms: 0, rules_off: ['dateStrings'] })
    expect([bad.status, wrong.body.message, rule.status]).toEqual([
      400,
      'object_limit must be one of combined75, perArray75, combined50',
      400,
    ])
    expect(await probe.look('settings')).toMatchObject({
      apply_delay_ms: 0,
      object_limit: 'combined75',
    })
    await probe.send('/users/track', { attributes: [{ external_id: 'u', at: '2026-03-01' }] })
    expect(await probe.custom()).toEqual({ at: '2026-03-01' })
  })

  it('refuses changes that another site asks for', async () => {
    const answer = await fetch(`${simulator.url}/simulator/reset`, {
      method: 'POST',
      headers: { origin: 'https://evil.example' },
    })
    const own = await fetch(`${simulator.url}/simulator/reset`, {
      method: 'POST',
      headers: { origin: simulator.url },
    })

    expect([answer.status, own.status]).toEqual([403, 200])
  })

  it('answers 404 and 400 to what it does not understand', async () => {
    expect((await fetch(`${simulator.url}/simulator/nothing`)).status).toBe(404)
    expect((await fetch(`${simulator.url}/simulator/users/nobody`)).status).toBe(404)
    expect((await probe.send('/simulator/settings', null, { raw: '{' })).status).toBe(400)
    expect((await probe.send('/simulator/nothing', {})).status).toBe(404)
  })

  it('tells listeners when something changed', async () => {
    const answer = await fetch(`${simulator.url}/simulator/events`)
    const reader = answer.body!.getReader()
    const next = async () =>
      JSON.parse(String(Buffer.from((await reader.read()).value!)).split('data: ')[1]) as {
        users: number
      }

    const first = await next()
    await probe.write({ n: 1 })
    let latest = await next()
    for (let turn = 0; turn < 3 && latest.users === 0; turn++) latest = await next()
    await reader.cancel()

    expect([first.users, latest.users]).toEqual([0, 1])
  })
})
