import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SyncError } from '@engage-sync/contract'
import type { Outcome } from '@engage-sync/contract'
import { createBrazeDestination } from '../../src/destination/destination.ts'
import { InstantClock } from '../test-clock.ts'
import { update } from '../updates.ts'
import { answerBytes, rawBraze } from './raw-braze.ts'
import type { Behaviour } from './raw-braze.ts'

const GOOD = '{"events_processed":2,"attributes_processed":2,"message":"success"}'
const KEY = 'key-of-test'
/**
 * What the whole of three deliveries may wait at most, in time that need not pass: two budgets and
 * a cap each.
 */
const MOST_WAITED_MS = 3 * (2 * 300_000 + 300_000)

interface Ended {
  readonly outcomes: readonly (readonly Outcome[])[]
  readonly error: unknown
  readonly clock: InstantClock
}

/** Delivers three requests of two users, with events or without, to a server that behaves so. */
async function deliver(
  behave: Behaviour,
  { events = 1, timeoutMs = 10_000, stepMs = (): number => 0 } = {},
): Promise<Ended> {
  await using braze = await rawBraze(behave)
  const clock = new InstantClock()
  const destination = createBrazeDestination({
    endpoint: braze.url,
    apiKey: KEY,
    clock,
    random: () => 0.5,
    timeoutMs,
    retry: { budgetMs: 3000, firstContactMs: 3000 },
  })
  const packer = destination.createPacker()
  const outcomes: (readonly Outcome[])[] = []
  let error: unknown = null
  for (let number = 0; number < 3 && error === null; number++) {
    for (const ref of [0, 1]) packer.add(update(number * 2 + ref, { attributes: '"a":1', events }))
    clock.stepMs += stepMs()
    const [request] = packer.flush()
    await destination.send(request, new AbortController().signal).then(
      (sent) => outcomes.push(sent.outcomes),
      (thrown: unknown) => (error = thrown),
    )
  }
  await destination.close()
  return { outcomes, error, clock }
}

/** What holds whatever the peer does. */
function expectSane({ outcomes, error, clock }: Ended, parts: number): void {
  for (const each of outcomes) expect(each).toHaveLength(parts)
  if (error !== null) {
    expect(error).toBeInstanceOf(SyncError)
    expect((error as SyncError).code).toMatch(
      /^(DESTINATION_AUTH|DESTINATION_UNAVAILABLE|BRAZE_ANSWER)$/u,
    )
    expect(JSON.stringify([(error as Error).message, error])).not.toContain(KEY)
  }
  expect(clock.waits.filter((ms) => !(ms <= 300_000))).toEqual([])
  expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(MOST_WAITED_MS)
}

const statusesOf = ({ outcomes }: Ended) => [
  ...new Set(outcomes.flat().map(({ status }) => status)),
]
const say =
  (text: string): Behaviour =>
  (socket) =>
    socket.write(text, 'latin1')
const sayAndEnd =
  (text: string): Behaviour =>
  (socket) =>
    socket.end(text, 'latin1')
const good = (...headers: string[]) => say(answerBytes(201, GOOD, { headers }))

/** Answers that tell of success, in odd ways. */
const TAKEN: readonly (readonly [string, Behaviour])[] = [
  ['a success', good()],
  [
    'one in pieces',
    (socket) => [...answerBytes(201, GOOD)].forEach((letter) => socket.write(letter)),
  ],
  ['one that is queued', say(answerBytes(202, '{"message":"queued"}'))],
  ['100s before it', say(`${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20)}${answerBytes(201, GOOD)}`)],
  [
    '103s before it',
    say(`HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n${answerBytes(201, GOOD)}`),
  ],
  [
    'a connection closed after each',
    sayAndEnd(answerBytes(201, GOOD, { headers: ['connection: close'] })),
  ],
  ['no length, then closed', sayAndEnd(answerBytes(201, GOOD, { length: null }))],
  [
    'chunks',
    say(
      `HTTP/1.1 201 X\r\ntransfer-encoding: chunked\r\n\r\n${GOOD.length.toString(16)}\r\n${GOOD}\r\n0\r\n\r\n`,
    ),
  ],
  ['a content type of its own', good('content-type: text/html')],
  [
    'counts that are texts',
    say(answerBytes(201, '{"attributes_processed":"2","message":"success"}')),
  ],
  ['errors that are no list', say(answerBytes(201, '{"message":"success","errors":{"a":1}}'))],
  [
    'members of any depth',
    say(answerBytes(201, `{"message":"success","x":${'['.repeat(5000)}${']'.repeat(5000)}}`)),
  ],
  ['remaining below zero', good('x-ratelimit-remaining: -5', 'x-ratelimit-reset: 1')],
  ['remaining that is no number', good('x-ratelimit-remaining: many', 'x-ratelimit-reset: soon')],
  ['remaining NaN', good('x-ratelimit-remaining: NaN', 'x-ratelimit-reset: NaN')],
  ['a reset in the past', good('x-ratelimit-remaining: 0', 'x-ratelimit-reset: 1000000001')],
  ['a reset below zero', good('x-ratelimit-remaining: 0', 'x-ratelimit-reset: -9')],
  ['a reset that is empty', good('x-ratelimit-remaining: 0', 'x-ratelimit-reset:')],
  ['a reset five minutes ahead', good('x-ratelimit-remaining: 0', 'x-ratelimit-reset: 300')],
  [
    'a date of another century',
    good('date: Mon, 01 Jan 1900 00:00:00 GMT', 'x-ratelimit-remaining: 9', 'x-ratelimit-reset: 1'),
  ],
  [
    'a date that is none',
    good('date: yesterday', 'x-ratelimit-remaining: 0', 'x-ratelimit-reset: 2'),
  ],
  [
    'headers twice',
    good('x-ratelimit-remaining: 0', 'x-ratelimit-remaining: 5', 'x-ratelimit-reset: 1'),
  ],
]

/** Answers that leave open what became of the request, or come from something else. */
const FOREIGN: readonly (readonly [string, Behaviour])[] = [
  ['an empty 201', say(answerBytes(201, ''))],
  ['an empty 204', say('HTTP/1.1 204 No Content\r\n\r\n')],
  ['{}', say(answerBytes(201, '{}'))],
  ['null', say(answerBytes(201, 'null'))],
  ['[]', say(answerBytes(200, '[]'))],
  ['a text', say(answerBytes(200, '"success"'))],
  ['a number', say(answerBytes(200, '1'))],
  ['HTML', say(answerBytes(200, '<html>Log in</html>'))],
  ['cut JSON', say(answerBytes(201, GOOD.slice(0, 30)))],
  ['JSON twice', say(answerBytes(201, GOOD + GOOD))],
  [
    'a byte order mark',
    say(answerBytes(201, `\u00ef\u00bb\u00bf${GOOD}`, { length: GOOD.length + 3 })),
  ],
  ['another message', say(answerBytes(200, '{"message":"Welcome"}'))],
  ['a message that is no text', say(answerBytes(200, '{"message":{"success":true}}'))],
  ['an error of a gateway as 200', say(answerBytes(200, '{"status":"error"}'))],
  [
    'gzip nobody asked for',
    say(
      answerBytes(201, '\u001f\u008b\u0008\u0000', {
        headers: ['content-encoding: gzip'],
        length: 4,
      }),
    ),
  ],
  ['206', say(answerBytes(206, '{"part":1}'))],
]

/** Refusals by status: nothing was applied. */
const REFUSED: readonly (readonly [string, Behaviour])[] = [
  301, 303, 307, 402, 404, 405, 410, 415, 418, 451, 501,
].map(
  (status) =>
    [
      `HTTP ${status}`,
      say(answerBytes(status, '{}', { headers: ['location: http://127.0.0.1:1/'] })),
    ] as const,
)

/** Breaches after the request was read: nobody knows the outcome. */
const BROKEN: readonly (readonly [string, Behaviour])[] = [
  ['a reset', (socket) => socket.resetAndDestroy()],
  ['an end without an answer', (socket) => socket.end()],
  ['an answer cut in its head', sayAndEnd('HTTP/1.1 201 Cre')],
  ['an answer cut in its body', sayAndEnd(answerBytes(201, GOOD.slice(0, 9), { length: 99 }))],
  ['a chunk cut', sayAndEnd('HTTP/1.1 201 X\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"mess')],
  [
    'a chunk size that is none',
    say('HTTP/1.1 201 X\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n'),
  ],
  ['silence', () => undefined],
  ['silence after the head', say('HTTP/1.1 201 X\r\ncontent-length: 40\r\n\r\n')],
  ['100s without end', (socket) => drip(socket, 'HTTP/1.1 100 Continue\r\n\r\n')],
  ['a head that drips', (socket) => drip(socket, 'x: y\r\n', 'HTTP/1.1 201 X\r\n')],
  [
    'a body that drips',
    (socket) => drip(socket, ' ', 'HTTP/1.1 201 X\r\ncontent-length: 999\r\n\r\n'),
  ],
  ['no HTTP', say('SSH-2.0-OpenSSH_9.9\r\n')],
  ['a status that is none', say(answerBytes('abc', GOOD))],
  ['headers of 100 KB', say(answerBytes(201, GOOD, { headers: [`x: ${'y'.repeat(100_000)}`] }))],
  ['lengths that differ', say(answerBytes(201, GOOD, { headers: ['content-length: 5'] }))],
  ['an answer that is longer than it says', say(answerBytes(201, GOOD, { length: 5 }))],
]

function drip(
  socket: { write(text: string): boolean; destroyed: boolean },
  text: string,
  first = '',
): void {
  socket.write(first)
  const timer = setInterval(() => (socket.destroyed ? clearInterval(timer) : socket.write(text)), 5)
}

/** Answers that pass, and come again and again. */
const PASSING: readonly (readonly [string, Behaviour])[] = [
  ...[408, 423, 429, 500, 502, 503, 504, 520, 599, 999].map(
    (status) => [`HTTP ${status}`, say(answerBytes(status, 'no'))] as const,
  ),
  ...[
    '99999999',
    'Fri, 31 Dec 9999 23:59:59 GMT',
    '-5',
    'NaN',
    '1e300',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    '',
  ].map(
    (after) =>
      [
        `Retry-After: ${after}`,
        say(answerBytes(429, '{}', { headers: [`retry-after: ${after}`] })),
      ] as const,
  ),
  [
    'a 503 that asks for a year',
    say(answerBytes(503, '{}', { headers: ['retry-after: 31536000'] })),
  ],
]

/** Successes whose headers ask for a wait nobody should wait. */
const FAR: readonly (readonly [string, Behaviour])[] = [
  '2592000',
  '1795985238970',
  '99999999999999999999',
  '1e308',
  '301',
].map(
  (reset) =>
    [
      `a reset at ${reset}`,
      good('x-ratelimit-remaining: 0', `x-ratelimit-reset: ${reset}`),
    ] as const,
)

describe('a Braze that misbehaves', () => {
  it.each(TAKEN)('is taken at its word: %s', async (_, behave) => {
    const ended = await deliver(behave)

    expectSane(ended, 4)
    expect([ended.error, ended.outcomes.length, statusesOf(ended)]).toEqual([
      null,
      3,
      ['delivered'],
    ])
  })

  it.each(FOREIGN)('is not Braze, and nobody knows what it did: %s', async (_, behave) => {
    const ended = await deliver(behave)

    expectSane(ended, 4)
    expect(ended.error).toMatchObject({ code: 'BRAZE_ANSWER', mayBeApplied: true })
    expect(ended.outcomes).toEqual([])
  })

  it.each(REFUSED)('refuses the request: %s', async (_, behave) => {
    const ended = await deliver(behave)

    expectSane(ended, 4)
    expect(ended.error).toMatchObject({ code: 'BRAZE_ANSWER', mayBeApplied: false })
  })

  it.each(BROKEN)(
    'breaks off, and events are neither lost nor sent twice: %s',
    async (_, behave) => {
      const ended = await deliver(behave, { timeoutMs: 500 })

      expectSane(ended, 4)
      expect(ended.error).toBeNull()
      expect(statusesOf(ended)).toEqual(['unknown'])
    },
  )

  it.each(BROKEN)(
    'breaks off, and attributes are tried until the budget is spent: %s',
    async (_, behave) => {
      const ended = await deliver(behave, { events: 0, timeoutMs: 150 })

      expectSane(ended, 2)
      expect(ended.error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
    },
  )

  it.each(PASSING)('is tried again until the budget is spent: %s', async (_, behave) => {
    const ended = await deliver(behave)

    expectSane(ended, 4)
    expect(ended.error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
  })

  it.each(FAR)('asks for too long a wait, and is left: %s', async (_, behave) => {
    const ended = await deliver(behave)

    expectSane(ended, 4)
    expect(ended.error).toMatchObject({ code: 'DESTINATION_UNAVAILABLE' })
    expect(ended.outcomes).toHaveLength(1)
  })
})

describe('whatever headers, bodies and clocks do', () => {
  const odd = fc.oneof(
    fc.constantFrom(
      '0',
      '-1',
      '1',
      '3',
      '75',
      '299',
      '301',
      '3e9',
      '1e308',
      'NaN',
      '',
      '0x10',
      ' 7 ',
      '١',
    ),
    fc.integer().map(String),
    fc.double().map(String),
    fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  )
  const names = [
    'x-ratelimit-limit',
    'x-ratelimit-remaining',
    'x-ratelimit-reset',
    'x-ratelimit-retry-after',
    'retry-after',
    'date',
  ]
  const headers = fc.array(
    fc.tuple(fc.constantFrom(...names), odd).map(([name, value]) => `${name}: ${value}`),
    { maxLength: 6 },
  )
  const item = fc.record({
    type: fc.anything(),
    input_array: fc.constantFrom('attributes', 'events', 7, null),
    index: fc.integer({ min: -2, max: 9 }),
  })
  const body = fc.oneof(
    { weight: 3, arbitrary: fc.constant(GOOD) },
    fc.constantFrom('', '{}', 'null', '[]', '<html>', '{"message":"queued"}', '{"message":"no"}'),
    fc.json(),
    fc
      .record({
        message: fc.constantFrom('success', 'no', 3),
        errors: fc.array(item, { maxLength: 4 }),
        events_processed: fc.integer(),
      })
      .map((each) => JSON.stringify(each)),
  )
  const status = fc.oneof(
    { weight: 3, arbitrary: fc.constant(201) },
    fc.constantFrom(200, 204, 302, 400, 401, 403, 404, 413, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  )
  const answer = fc.record({ status, body, headers, length: fc.constantFrom(0, 0, 0, 0, 0, -1, 3) })

  it(
    'three deliveries end in bounded time, each part with an outcome of its own',
    { timeout: 120_000 },
    async () => {
      const lives = fc.tuple(
        fc.array(answer, { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: -1e11, max: 1e11 }), { minLength: 1 }),
      )
      await fc.assert(
        fc.asyncProperty(lives, fc.constantFrom(0, 1), async ([answers, steps], events) => {
          let turn = 0
          const behave: Behaviour = (socket, number) => {
            const {
              status: code,
              body: text,
              headers: lines,
              length,
            } = answers[number % answers.length]
            const bytes = Buffer.byteLength(text)
            socket.write(
              answerBytes(code, text, {
                headers: lines.map((line) => line.replaceAll(/[^\x20-\x7e]/gu, '?')),
                length: Math.max(0, bytes + length),
              }),
            )
          }

          const ended = await deliver(behave, {
            events,
            timeoutMs: 150,
            stepMs: () => steps[turn++ % steps.length],
          })

          expectSane(ended, events === 0 ? 2 : 4)
        }),
        { numRuns: 30 },
      )
    },
  )
})
