import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PackedRequest, Update } from '@engage-sync/contract'
import { deliverTrack } from '../../src/delivery/deliver-track.ts'
import { createPacker } from '../../src/packing/pack.ts'
import { connection, SIGNAL } from '../connection.ts'
import { scriptedBraze, SUCCESS } from '../scripted-braze.ts'
import type { Arrived, Reply } from '../scripted-braze.ts'
import { update } from '../updates.ts'

function packed(updates: readonly Update[]): PackedRequest {
  const packer = createPacker('combined')
  return [...updates.flatMap((each) => packer.add(each)), ...packer.flush()][0]
}

const plain = (count: number) =>
  packed(Array.from({ length: count }, (_, ref) => update(ref, { attributes: `"n":${ref}` })))
const withEvents = (count: number) =>
  packed(Array.from({ length: count }, (_, ref) => update(ref, { events: [`"n":${ref}`] })))

/** The numbers in a body, each once per object. */
const numbersIn = ({ body }: Arrived) =>
  [...body.matchAll(/"n":(\d+)/g)].map(([, digits]) => Number(digits))

async function deliver(request: PackedRequest, reply: (request: Arrived, number: number) => Reply) {
  await using braze = await scriptedBraze(reply)
  await using made = connection(braze.url, { timeoutMs: 200 })
  const sent = await deliverTrack(made.shared, request, { group: 'track', signal: SIGNAL })
  if (sent.outcomes.every(({ status }) => status !== 'failed'))
    expect(sent.requests).toBe(braze.arrived.length)
  const words = sent.outcomes.map((outcome) =>
    outcome.status === 'rejected' ? outcome.rejection.code : outcome.status,
  )
  return { ...sent, words, arrived: braze.arrived }
}

const DELIVERED = (count: number) => Array.from({ length: count }, () => 'delivered')

describe('deliverTrack', () => {
  it('delivers', async () => {
    const { words, requests, retries } = await deliver(plain(75), () => SUCCESS)

    expect([words, requests, retries]).toEqual([DELIVERED(75), 1, 0])
  })

  it('counts retries', async () => {
    const { requests, retries } = await deliver(plain(1), (_, number) =>
      number < 2 ? { status: 500 } : SUCCESS,
    )

    expect([requests, retries]).toEqual([3, 2])
  })

  it('halves what Braze finds too large, in order', async () => {
    const { words, arrived } = await deliver(plain(8), (request) =>
      numbersIn(request).length > 2 ? { status: 413 } : SUCCESS,
    )

    expect(words).toEqual(DELIVERED(8))
    expect(arrived.map(numbersIn).filter((numbers) => numbers.length <= 2)).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ])
  })

  it('halves after a 400 of too many objects', async () => {
    const { words } = await deliver(withEvents(10), (request) =>
      numbersIn(request).length > 3
        ? { status: 400, body: { message: 'Max Input Length Exceeded' } }
        : SUCCESS,
    )

    expect(words).toEqual(DELIVERED(10))
  })

  it('rejects a single object that is too large', async () => {
    const { words } = await deliver(plain(2), (request) =>
      numbersIn(request).includes(1) ? { status: 413 } : SUCCESS,
    )

    expect(words).toEqual(['delivered', 'BRAZE_TOO_LARGE'])
  })

  it('finds the bad ones where a 400 names none', async () => {
    const bad = new Set([3, 17, 60])
    const { words, arrived } = await deliver(withEvents(75), (request) =>
      numbersIn(request).some((number) => bad.has(number))
        ? { status: 400, body: { message: "'time' is not valid" } }
        : SUCCESS,
    )

    words.forEach((word, index) =>
      expect(word).toBe(bad.has(index) ? 'BRAZE_EVENT_TIME' : 'delivered'),
    )
    const applied = arrived
      .filter((request) => !numbersIn(request).some((number) => bad.has(number)))
      .flatMap(numbersIn)
    expect(applied.toSorted((a, b) => a - b)).toEqual(
      words.flatMap((word, index) => (word === 'delivered' ? [index] : [])),
    )
  })

  it('sends the others again after a 400 that names some', async () => {
    const { words, arrived } = await deliver(plain(4), (request) =>
      numbersIn(request).includes(2)
        ? {
            status: 400,
            body: {
              message: 'Valid data must be provided',
              errors: [{ type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index: 2 }],
            },
          }
        : SUCCESS,
    )

    expect(words).toEqual(['delivered', 'delivered', 'BRAZE_EMAIL', 'delivered'])
    expect(arrived.map(numbersIn)).toEqual([
      [0, 1, 2, 3],
      [0, 1, 3],
    ])
  })

  it('never sends again what a success refused by index', async () => {
    const { words, requests } = await deliver(withEvents(3), () => ({
      status: 201,
      body: {
        message: 'success',
        errors: [{ type: "'name' is required", input_array: 'events', index: 1 }],
      },
    }))

    expect([words, requests]).toEqual([['delivered', 'BRAZE_EVENT_NAME', 'delivered'], 1])
  })

  it('asks again about attributes a success does not name', async () => {
    const { words } = await deliver(plain(4), (request) => {
      const isBad = numbersIn(request).includes(1)
      return {
        status: 201,
        body: { message: 'success', ...(isBad ? { errors: [{ type: 'EMAIL_BAD_FORMAT' }] } : {}) },
      }
    })

    expect(words).toEqual(['delivered', 'BRAZE_EMAIL', 'delivered', 'delivered'])
  })

  it('does not ask again about events, which would count twice', async () => {
    const { words, requests } = await deliver(withEvents(4), () => ({
      status: 201,
      body: { message: 'success', errors: [{ type: 'x' }] },
    }))

    expect([words, requests]).toEqual([Array.from({ length: 4 }, () => 'unknown'), 1])
  })

  it.each([
    ['reset', 'ECONNRESET'],
    ['silence', 'ETIMEDOUT'],
  ] as const)('tells an unknown outcome of events: %s', async (reply, reason) => {
    const { outcomes, requests } = await deliver(withEvents(2), () => reply)

    expect([outcomes, requests]).toEqual([
      [
        { status: 'unknown', reason },
        { status: 'unknown', reason },
      ],
      1,
    ])
  })

  it.each([
    ['events', withEvents(2), 'unknown'],
    ['attributes', plain(2), 'failed'],
  ])('tells what became of %s when it is aborted in flight', async (_, request, status) => {
    await using braze = await scriptedBraze(() => 'silence')
    await using made = connection(braze.url)
    const stop = new AbortController()
    const delivering = deliverTrack(made.shared, request, { group: 'track', signal: stop.signal })
    while (braze.arrived.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

    stop.abort()

    expect((await delivering).outcomes).toEqual([
      { status, reason: 'ABORTED' },
      { status, reason: 'ABORTED' },
    ])
  })

  it.each([{}, { message: 'accepted?' }, { attributes_processed: 2 }])(
    'takes %j for no answer of Braze',
    async (body) => {
      await expect(deliver(withEvents(2), () => ({ status: 200, body }))).rejects.toMatchObject({
        code: 'BRAZE_ANSWER',
        mayBeApplied: true,
      })
    },
  )

  it('knows nothing of the rest when something else answers in its middle', async () => {
    const { words } = await deliver(
      withEvents(2),
      (_, number) => [{ status: 413 }, SUCCESS, { status: 200, body: {} }][number] as Reply,
    )

    expect(new Set(words)).toEqual(new Set(['delivered', 'unknown']))
  })

  it('keeps the answers it has when the rest fails', async () => {
    const { outcomes } = await deliver(
      withEvents(4),
      (_, number) => [{ status: 413 }, SUCCESS, { status: 401 }][number] as Reply,
    )

    expect(outcomes.map(({ status }) => status)).toEqual([
      'delivered',
      'delivered',
      'failed',
      'failed',
    ])
  })

  it('throws what ends the whole request', async () => {
    await expect(deliver(withEvents(4), () => ({ status: 401 }))).rejects.toMatchObject({
      code: 'DESTINATION_AUTH',
    })
  })

  it('sends the same digits again', async () => {
    const request = packed([
      update(1, { attributes: '"n":1,"exact":1.50' }),
      update(2, { attributes: '"n":2,"exact":12345678901234567890' }),
    ])
    const { arrived } = await deliver(request, (_, number) =>
      number === 0 ? { status: 413 } : SUCCESS,
    )

    expect(arrived.slice(1).map(({ body }) => /"exact":([\d.]+)/.exec(body)?.[1])).toEqual([
      '1.50',
      '12345678901234567890',
    ])
  })

  it(
    'gives each object its own answer, whichever are bad and however Braze says it',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.nat(11), { maxLength: 6 }),
          fc.constantFrom('400 unnamed', '400 named', '201 named', '201 without array'),
          async (bad, style) => {
            const { words } = await deliver(plain(12), (request) => {
              const numbers = numbersIn(request)
              const errors = numbers.flatMap((number, index) =>
                bad.includes(number)
                  ? [{ type: 'EMAIL_BAD_FORMAT', input_array: 'attributes', index }]
                  : [],
              )
              if (errors.length === 0) return SUCCESS
              if (style === '400 unnamed')
                return { status: 400, body: { message: 'EMAIL_BAD_FORMAT' } }
              if (style === '400 named') return { status: 400, body: { message: 'no', errors } }
              if (style === '201 named')
                return { status: 201, body: { message: 'success', errors } }
              return {
                status: 201,
                body: {
                  message: 'success',
                  errors: errors.map(({ type, index }) => ({ type, index })),
                },
              }
            })
            words.forEach((word, index) =>
              expect(word).toBe(bad.includes(index) ? 'BRAZE_EMAIL' : 'delivered'),
            )
          },
        ),
        { numRuns: 40 },
      )
    },
  )

  it.each([
    [{ events_processed: 1, message: 'success' }, 1],
    [{ events_processed: 0, message: 'success' }, 2],
    [{ message: 'success' }, undefined],
    [{ events_processed: 2, message: 'success' }, undefined],
  ])('tells how many objects %j leaves out of its counts', async (body, expected) => {
    const { words, uncounted } = await deliver(withEvents(2), () => ({ status: 201, body }))

    expect(words).toEqual(DELIVERED(2))
    expect(uncounted).toBe(expected)
  })
})
