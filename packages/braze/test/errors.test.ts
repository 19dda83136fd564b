import { inspect } from 'node:util'
import { afterAll, describe, expect, it } from 'vitest'
import { createBrazeClient } from '../src/client/client.ts'
import { createBrazeDestination } from '../src/destination/destination.ts'
import {
  BrazeAnswerError,
  BrazeAuthError,
  BrazeError,
  BrazeRejectedError,
  BrazeUnavailableError,
  BrazeUnknownOutcomeError,
} from '../src/errors.ts'
import { createGotTransport } from '../src/transport/got-transport.ts'
import { createThreadTransport } from '../src/transport/thread-transport.ts'
import { SIGNAL } from './connection.ts'
import { scriptedBraze } from './scripted-braze.ts'
import type { Arrived, Reply } from './scripted-braze.ts'
import { InstantClock } from './test-clock.ts'
import { update } from './updates.ts'

describe('errors', () => {
  it.each([
    [new BrazeAuthError('/users/track', 401, 'r-1'), 'DESTINATION_AUTH', 401, false, 'r-1'],
    [new BrazeAuthError('/users/track', 403), 'DESTINATION_AUTH', 403, false, null],
    [
      new BrazeUnavailableError('/users/track', 'HTTP 503, 9 times', 503),
      'DESTINATION_UNAVAILABLE',
      503,
      true,
      null,
    ],
    [
      new BrazeAnswerError('/users/track', { status: 404, what: 'x', requestId: 'r-1' }),
      'BRAZE_ANSWER',
      404,
      false,
      'r-1',
    ],
    [
      new BrazeRejectedError('/users/track', {
        code: 'BRAZE_EMAIL',
        message: 'm',
        status: 400,
        requestId: 'r-1',
      }),
      'BRAZE_EMAIL',
      400,
      false,
      'r-1',
    ],
    [
      new BrazeUnknownOutcomeError('/users/track', 'ECONNRESET'),
      'BRAZE_UNKNOWN_OUTCOME',
      null,
      false,
      null,
    ],
    [
      new BrazeUnknownOutcomeError('/users/track', 'ECONNRESET', true),
      'BRAZE_UNKNOWN_OUTCOME',
      null,
      true,
      null,
    ],
    [new BrazeError('BRAZE_OPTION', 'm'), 'BRAZE_OPTION', null, false, null],
  ])(
    '%s tells code, status, whether to try again, and the request',
    (error, code, status, retryable, requestId) => {
      expect(error).toBeInstanceOf(BrazeError)
      expect(error.name).toBe(error.constructor.name)
      expect([error.code, error.status, error.retryable, error.requestId]).toEqual([
        code,
        status,
        retryable,
        requestId,
      ])
    },
  )
})

/** Secrets and personal data, as they could be echoed. */
const CANARIES = {
  apiKey: 'canary-key-zq',
  partnerApiKey: 'canary-partner-zq',
  clientSecret: 'canary-secret-zq',
  user: 'canary-user-zq',
  value: 'canary-value-zq',
}

/** Everything a log could hold of a value. */
function traces(value: unknown): string {
  const error =
    value instanceof Error
      ? [
          value.message,
          value.stack,
          inspect(value.cause, { depth: 9 }),
          String((value as { hint?: unknown }).hint),
        ]
      : []
  return [
    inspect(value, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(value),
    String(value),
    ...error,
  ].join('\n')
}

function expectNoCanary(value: unknown): void {
  const text = traces(value)
  for (const canary of Object.values(CANARIES)) expect(text).not.toContain(canary)
}

const echo = ({ headers, body, path }: Arrived) =>
  `refused ${headers['authorization'] ?? ''} ${path} ${body}`
const REPLIES: readonly (readonly [string, (request: Arrived) => Reply])[] = [
  ['400', (request) => ({ status: 400, body: { message: echo(request) } })],
  [
    '400 with errors',
    (request) => ({
      status: 400,
      body: {
        message: echo(request),
        errors: [{ type: echo(request), input_array: 'events', index: 0 }],
      },
    }),
  ],
  [
    '201 with errors',
    (request) => ({
      status: 201,
      body: {
        message: 'success',
        errors: [{ type: echo(request), input_array: 'attributes', index: 0 }],
      },
    }),
  ],
  ['201 without success', (request) => ({ status: 201, body: { message: echo(request) } })],
  ['401', (request) => ({ status: 401, body: { message: echo(request) } })],
  ['403', (request) => ({ status: 403, body: { message: echo(request) } })],
  ['404', (request) => ({ status: 404, body: echo(request) })],
  ['413', (request) => ({ status: 413, body: echo(request) })],
  ['503', (request) => ({ status: 503, body: echo(request) })],
  ['no JSON', (request) => ({ status: 200, body: echo(request) })],
  [
    'a redirect',
    (request) => ({ status: 302, headers: { location: `/x?${encodeURIComponent(request.body)}` } }),
  ],
  ['a reset', () => 'reset'],
]

const thread = createThreadTransport({ sockets: 4 })
afterAll(() => thread.close())

describe.each([
  ['got', () => createGotTransport({ sockets: 2 })],
  ['a thread', () => ({ send: thread.send, close: async () => undefined })],
] as const)('over %s, no secret and no personal data shows', (_, createTransport) => {
  const options = (url: string) => ({
    endpoint: url,
    apiKey: CANARIES.apiKey,
    clock: new InstantClock(),
    random: () => 0.5,
    retry: { budgetMs: 2000 },
    cohorts: {
      partner: 'acme',
      partnerApiKey: CANARIES.partnerApiKey,
      clientSecret: CANARIES.clientSecret,
    },
    transport: createTransport(),
  })
  const user = { externalId: CANARIES.user }

  it.each(REPLIES)('when Braze answers with %s', async (__, reply) => {
    await using braze = await scriptedBraze(reply)
    const destination = createBrazeDestination(options(braze.url))
    const client = createBrazeClient({
      ...options(braze.url),
      transport: createGotTransport({ sockets: 2 }),
    })
    const packer = destination.createPacker()
    packer.add(
      update(1, {
        user,
        attributes: `"email":"${CANARIES.value}"`,
        events: [`"name":"${CANARIES.value}"`],
      }),
    )
    const [request] = packer.flush()
    const [cohort] = destination.packCohort('vip', [{ update: 1, ref: 0, user, member: true }])
    const definition = { id: 'vip', name: CANARIES.value, createdAt: 'x' }

    const results = await Promise.allSettled([
      destination.send(request, SIGNAL),
      destination.send(cohort, SIGNAL),
      destination.prepareCohort(definition, SIGNAL),
      destination.identify(
        [{ externalId: CANARIES.user, alias: { name: CANARIES.value, label: 'l' } }],
        SIGNAL,
      ),
      destination.deleteUsers([user], SIGNAL),
      destination.exportUsers([user], { attributes: ['email'], events: true }, SIGNAL),
      destination.check(SIGNAL),
      client.track({ attributes: [{ external_id: CANARIES.user, email: CANARIES.value }] }),
      client.subscriptionStatus({
        subscriptionGroupId: CANARIES.value,
        externalIds: [CANARIES.user],
      }),
      client.createCohort({ cohort_id: 'c', name: CANARIES.value, created_at: 'x' }),
    ])

    // An export is asked for users, and names them.
    results.forEach((result, index) =>
      expectNoCanary(
        result.status === 'rejected' ? result.reason : index === 5 ? null : result.value,
      ),
    )
    expectNoCanary(destination)
    expectNoCanary(client)
    await destination.close()
    await client.close()
  })

  it('in what is thrown at the start', () => {
    for (const bad of [
      { endpoint: `https://${CANARIES.apiKey}@rest.iad-01.braze.com` },
      { apiKey: `${CANARIES.apiKey}\n` },
    ]) {
      let thrown: unknown = null
      try {
        createBrazeDestination({ endpoint: 'US-01', apiKey: 'k', ...bad })
      } catch (error) {
        thrown = error
      }
      expect(thrown).toBeInstanceOf(BrazeError)
      expectNoCanary(thrown)
    }
  })
})
