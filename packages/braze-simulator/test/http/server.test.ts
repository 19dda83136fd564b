import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { Simulator } from '../../src/index.ts'
import { Probe } from '../spec/probe.ts'
import { track } from '../spawned.ts'

let simulator: Simulator
afterEach(() => simulator.close())

describe('the server', () => {
  it('answers JSON with its length', async () => {
    simulator = await startSimulator()

    const { headers } = await track(simulator.url, { attributes: [{ external_id: 'u', n: 1 }] })

    expect([headers.get('content-type'), headers.get('content-length')]).toEqual([
      'application/json',
      '46',
    ])
  })

  it('outlives clients that hang up in the middle of a request', async () => {
    simulator = await startSimulator()
    const socket = connect(Number(new URL(simulator.url).port), '127.0.0.1')
    await new Promise<void>((resolve) =>
      socket.write(
        'POST /users/track HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"attr',
        () => resolve(),
      ),
    )
    socket.destroy()

    expect((await track(simulator.url, { attributes: [{ external_id: 'u', n: 1 }] })).status).toBe(
      201,
    )
  })

  it('answers a body far too large, and goes on', async () => {
    simulator = await startSimulator()
    const probe = new Probe(simulator)

    expect((await probe.send('/users/track', null, { raw: ' '.repeat(20_000_000) })).status).toBe(
      413,
    )
    expect((await probe.track({ attributes: [{ external_id: 'u', n: 1 }] })).status).toBe(201)
  })

  it('stops with requests in the air', async () => {
    simulator = await startSimulator({ faults: [{ kind: 'timeout' }] })
    const hanging = track(simulator.url, { attributes: [{ external_id: 'u', n: 1 }] }).catch(
      (error: Error) => error.message,
    )
    const probe = new Probe(simulator)
    for (let turn = 0; turn < 500 && (await probe.look('requests')).total === 0; turn++);

    await simulator.close()

    expect(await hanging).toBe('fetch failed')
    simulator = await startSimulator()
  })

  it('counts without keeping when lean', async () => {
    simulator = await startSimulator({ lean: true })
    const probe = new Probe(simulator)

    const seen = await probe.track({ attributes: [{ external_id: 'u', n: 1 }, {}], events: [{}] })

    expect([seen.status, seen.text]).toEqual([
      201,
      '{"attributes_processed":2,"events_processed":1,"message":"success"}',
    ])
    expect(await probe.look('summary')).toMatchObject({
      users: 0,
      requests: 1,
      objects: { attributes: 2, events: 1, purchases: 0 },
    })
    expect((await probe.look('requests')).requests).toEqual([])
    expect((await probe.send('/users/track', {}, { key: 'bad' })).status).toBe(401)
  })

  it('holds many requests at once, and counts exactly', async () => {
    simulator = await startSimulator({ settings: { applyDelayMs: 1, applyShuffle: true } })
    const sent = Array.from({ length: 200 }, (_, index) =>
      track(simulator.url, {
        attributes: [{ external_id: `u${index % 10}`, n: { inc: 1 } }],
        events: [{ external_id: `u${index % 10}`, name: 'E', time: '2026-03-01' }],
      }),
    )
    await Promise.all(sent)
    simulator.settle()
    const probe = new Probe(simulator)

    expect(await probe.user('u3')).toMatchObject({
      custom_attributes: { n: 20 },
      custom_events: [{ count: 20 }],
    })
    expect((await probe.look('ledger')).kinds).toMatchObject({
      custom_attributes: 200,
      events: 200,
    })
  })
})
