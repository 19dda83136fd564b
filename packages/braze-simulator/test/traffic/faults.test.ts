import { afterEach, describe, expect, it } from 'vitest'
import { startSimulator } from '../../src/index.ts'
import type { FaultOptions, Simulator, SimulatorOptions } from '../../src/index.ts'
import { Probe } from '../spec/probe.ts'

let simulator: Simulator
afterEach(() => simulator.close())

async function probeWith(
  faults: readonly FaultOptions[],
  options: SimulatorOptions = {},
): Promise<Probe> {
  simulator = await startSimulator({ ...options, faults })
  return new Probe(simulator)
}
const BODY = { attributes: [{ external_id: 'u', n: { inc: 1 } }] }
const statuses = async (probe: Probe, count: number, path = '/users/track') => {
  const seen = []
  for (let turn = 0; turn < count; turn++) seen.push((await probe.send(path, BODY)).status)
  return seen
}

describe('faults', () => {
  it.each([500, 502, 503, 504, 429, 423])('answers %i once, and writes nothing', async (status) => {
    const probe = await probeWith([{ kind: 'status', status }])

    expect(await statuses(probe, 2)).toEqual([status, 201])
    simulator.settle()
    expect(await probe.custom()).toEqual({ n: 1 })
  })

  it.each([500, 502, 503, 504])('answers %i after writing', async (status) => {
    const probe = await probeWith([{ kind: 'status', status, after_apply: true }])

    expect(await statuses(probe, 2)).toEqual([status, 201])
    simulator.settle()
    expect(await probe.custom()).toEqual({ n: 2 })
  })

  it('sends a burst of 429 with the time to wait', async () => {
    const probe = await probeWith([{ kind: 'status', status: 429, retry_after: 7, next: 3 }])

    const { headers } = await probe.send('/users/track', BODY)
    expect([headers.get('x-ratelimit-retry-after'), headers.get('x-ratelimit-limit')]).toEqual([
      '7',
      null,
    ])
    expect(await statuses(probe, 3)).toEqual([429, 429, 201])
  })

  it.each([
    ['timeout', false, null],
    ['timeout', true, { n: 1 }],
    ['reset', false, null],
    ['reset', true, { n: 1 }],
  ] as const)('%s, after writing: %s', async (kind, afterApply, stored) => {
    const probe = await probeWith([{ kind, after_apply: afterApply }])
    const abort = kind === 'timeout' ? AbortSignal.timeout(60) : null

    const answer = fetch(`${simulator.url}/users/track`, {
      method: 'POST',
      headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
      body: JSON.stringify(BODY),
      signal: abort,
    })

    await expect(answer).rejects.toThrow(kind === 'timeout' ? /aborted/ : /fetch failed/)
    simulator.settle()
    expect(
      ((await probe.user()) as { custom_attributes: unknown } | null)?.custom_attributes ?? null,
    ).toEqual(stored)
    expect((await probe.look('requests')).requests).toMatchObject([{ status: 0, faults: [kind] }])
  })

  it('cuts the answer off after writing', async () => {
    const probe = await probeWith([{ kind: 'cut' }])

    await expect(probe.send('/users/track', BODY)).rejects.toThrow('terminated')
    simulator.settle()
    expect(await probe.custom()).toEqual({ n: 1 })
  })

  it('answers late', async () => {
    const probe = await probeWith([{ kind: 'slow', delay_ms: 50 }])
    const order: string[] = []

    await Promise.all([
      probe.send('/users/track', BODY).then(() => order.push('slow')),
      probe
        .look('summary')
        .then(() => probe.send('/users/track', BODY).then(() => order.push('quick'))),
    ])

    expect(order.toSorted()).toEqual(['quick', 'slow'])
    expect((await probe.look('faults')).faults).toMatchObject([{ kind: 'slow', hits: 1 }])
  })

  it('refuses chosen objects', async () => {
    const probe = await probeWith([{ kind: 'partial', indexes: [1], type: 'EMAIL_BAD_FORMAT' }])

    const seen = await probe.track({
      attributes: ['a', 'b', 'c'].map((id) => ({ external_id: id, n: 1 })),
    })

    expect(seen.body).toEqual({
      attributes_processed: 2,
      message: 'success',
      errors: [{ type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 1 }],
    })
    expect([await probe.user('a'), await probe.user('b')]).toEqual([expect.anything(), null])
  })

  it('leaves the message out, or answers no JSON at all', async () => {
    const probe = await probeWith([{ kind: 'no_message' }, { kind: 'garbage', skip: 1 }])

    expect((await probe.send('/users/track', BODY)).text).toBe('{"attributes_processed":1}')
    expect((await probe.send('/users/track', BODY)).body).toBeNull()
  })

  it('hits one path, or all below one, and skips as told', async () => {
    const probe = await probeWith([
      { kind: 'status', status: 500, path: '/users/alias/*', next: 2 },
      { kind: 'status', status: 503, path: '/users/track', skip: 1 },
    ])

    expect(await statuses(probe, 3)).toEqual([201, 503, 201])
    expect(await statuses(probe, 2, '/users/alias/new')).toEqual([500, 500])
  })

  it('hits by chance, as the seed decides', async () => {
    const runs: number[][] = []
    for (const seed of [3, 3, 4]) {
      const probe = await probeWith([{ kind: 'status', status: 500, probability: 0.5 }], { seed })
      runs.push(await statuses(probe, 40))
      await simulator.close()
    }
    simulator = await startSimulator()

    const failed = runs[0].filter((status) => status === 500).length
    expect(failed).toBeGreaterThan(8)
    expect(failed).toBeLessThan(32)
    expect(runs[1]).toEqual(runs[0])
    expect(runs[2]).not.toEqual(runs[0])
  })

  it('comes and goes over HTTP', async () => {
    const probe = await probeWith([])

    const added = await probe.send('/simulator/faults', [{ kind: 'status', status: 502, next: 5 }])
    expect([added.status, added.body.faults]).toEqual([
      200,
      [{ id: 1, kind: 'status', status: 502, next: 5, hits: 0, seen: 0 }],
    ])
    expect(await statuses(probe, 1)).toEqual([502])
    await fetch(`${simulator.url}/simulator/faults`, { method: 'DELETE' })
    expect(await statuses(probe, 1)).toEqual([201])
  })

  it.each([
    [
      { kind: 'fire' },
      'kind must be one of status, timeout, reset, cut, slow, partial, no_message, garbage',
    ],
    [{}, 'kind must be one of'],
    [{ kind: 'status', status: 201 }, 'status has a wrong value'],
    [{ kind: 'status', stat: 500 }, 'stat is unknown'],
    [{ kind: 'status', probability: 2 }, 'probability has a wrong value'],
    ['status', 'a fault must be an object'],
  ])('refuses %j', async (fault, message) => {
    const probe = await probeWith([])

    const seen = await probe.send('/simulator/faults', fault)

    expect(seen.status).toBe(400)
    expect(seen.body.message).toContain(message)
  })
})
