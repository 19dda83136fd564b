import { describe, expect, it } from 'vitest'
import { check } from '../../src/destination/check.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Arrived, Reply } from '../scripted-braze.ts'
import { unusedPort } from '../transport/transport-behaviour.ts'

const KEYS = { partner: 'acme', partnerApiKey: 'p', clientSecret: 'c' }

async function look(reply: (request: Arrived) => Reply, keys: typeof KEYS | null = null) {
  await using braze = await scriptedBraze(reply)
  await using made = connection(braze.url, {
    clock: {
      now: Date.now,
      wallTime: Date.now,
      schedule: (_, callback) => (queueMicrotask(callback), () => undefined),
    },
  })
  const checks = await check(made.shared, keys, SIGNAL)
  for (const each of checks) if (each.status !== 'ok') expect(each.hint).toBeTruthy()
  return {
    status: Object.fromEntries(checks.map(({ name, status }) => [name, status])),
    checks,
    arrived: braze.arrived,
  }
}

describe('check', () => {
  it('finds everything well', async () => {
    const { status, arrived } = await look(() => SUCCESS, KEYS)

    expect(status).toEqual({
      endpoint: 'ok',
      clock: 'ok',
      key: 'ok',
      'users.track': 'ok',
      'users.export.ids': 'ok',
      'users.identify': 'ok',
      'users.merge': 'ok',
      'users.delete': 'ok',
      cohorts: 'ok',
    })
    for (const { body } of arrived) expect(body).not.toMatch(/\[[^\]]+"u/)
  })

  it('takes a 400 to an empty request as permission', async () => {
    const { status } = await look(() => ({
      status: 400,
      body: { message: 'Valid data must be provided' },
    }))

    expect([status['users.track'], status['cohorts']]).toEqual(['ok', undefined])
  })

  it('sends nothing that could change anything', async () => {
    const { arrived } = await look(() => SUCCESS, KEYS)

    expect(
      arrived.map(({ path, body }) => [
        path,
        body.replace(/"partner_api_key":"p","client_secret":"c",/, ''),
      ]),
    ).toEqual([
      ['/users/track', '{}'],
      ['/users/export/ids', '{"external_ids":[],"fields_to_export":["external_id"]}'],
      ['/users/identify', '{"aliases_to_identify":[]}'],
      ['/users/merge', '{"merge_updates":[]}'],
      ['/users/delete', '{"external_ids":[]}'],
      ['/partners/acme/cohorts/users', '{"cohort_id":"engage-sync:doctor","cohort_changes":[]}'],
    ])
  })

  it('tells a refused key', async () => {
    const { status } = await look(() => ({ status: 401 }))

    expect(status).toEqual({ endpoint: 'ok', clock: 'ok', key: 'failed' })
  })

  it.each([
    ['/users/track', 'users.track', 'failed'],
    ['/users/export/ids', 'users.export.ids', 'warning'],
    ['/users/delete', 'users.delete', 'warning'],
  ])('tells a missing permission: %s', async (path, name, expected) => {
    const { status } = await look((request) => (request.path === path ? { status: 403 } : SUCCESS))

    expect([status['key'], status[name]]).toEqual(['ok', expected])
  })

  it('tells refused cohort keys', async () => {
    const { status } = await look(
      (request) => (request.path.startsWith('/partners') ? { status: 401 } : SUCCESS),
      KEYS,
    )

    expect([status['key'], status['cohorts']]).toEqual(['ok', 'failed'])
  })

  it('tells a clock that is wrong', async () => {
    const { checks } = await look(() => ({
      ...(SUCCESS as object),
      status: 201,
      body: { message: 'success' },
      headers: { date: new Date(Date.now() + 3_600_000).toUTCString() },
    }))

    const clock = checks.find(({ name }) => name === 'clock')!
    expect(clock.status).toBe('warning')
    expect(clock.message).toMatch(/3(599|600|601) s apart/)
  })

  it.each([
    ['a host that is no Braze', { status: 404 }],
    ['a page', { status: 200, body: '<html>' }],
  ])('tells %s', async (_, reply) => {
    const { status } = await look(() => reply)

    expect(status).toEqual({ endpoint: 'failed' })
  })

  it('tells an endpoint nobody listens on', async () => {
    await using made = connection(`http://127.0.0.1:${await unusedPort()}`, {
      retry: { firstContactMs: 1000 },
    })

    const checks = await check(made.shared, null, SIGNAL)

    expect(checks).toHaveLength(1)
    expect(checks[0]).toMatchObject({ name: 'endpoint', status: 'failed' })
    expect(checks[0].message).toContain('ECONNREFUSED')
  })

  it('tells a server that fails', async () => {
    await using braze = await scriptedBraze((request) =>
      request.path === '/users/merge' ? { status: 500 } : SUCCESS,
    )
    await using made = connection(braze.url, { retry: { budgetMs: 1000 } })

    const checks = await check(made.shared, null, SIGNAL)

    expect(checks.find(({ name }) => name === 'users.merge')).toMatchObject({ status: 'warning' })
  })

  it('ends with the reason of an abort in flight', async () => {
    await using braze = await scriptedBraze(() => 'silence')
    await using made = connection(braze.url)
    const stop = new AbortController()
    const reason = new Error('stopped by the test')
    const checking = check(made.shared, null, stop.signal)
    checking.catch(() => undefined)
    while (braze.arrived.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    stop.abort(reason)

    await expect(checking).rejects.toBe(reason)
  })

  it('ends with the reason of an abort', async () => {
    await using made = connection('http://127.0.0.1:1')
    const reason = new Error('stopped by the test')

    await expect(check(made.shared, null, AbortSignal.abort(reason))).rejects.toBe(reason)
  })
})
