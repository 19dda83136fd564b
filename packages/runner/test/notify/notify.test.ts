import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { startReceiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'

interface Body {
  readonly event: string
  readonly title: string
  readonly texts: readonly string[]
  readonly run: number | null
  readonly status: string
  readonly error: { readonly code: string } | null
  readonly guards: readonly string[]
  readonly counts: Readonly<Record<string, number>> | null
}

const people = (member: boolean, minute: number) =>
  Array.from({ length: 120 }, (_, n) =>
    audienceLine(`user-${n}`, 'dormant_shopper', member, minute),
  ).join('')

/** A project that tells a receiver, as a webhook. */
async function telling(options = '') {
  const receiver = await startReceiver()
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson } }
    notify: [{ webhook: '\${HOOK}', secret: '\${KEY}'${options} }]
`,
    'data/a.ndjson': people(true, 0),
  })
  const env = { HOOK: receiver.url, KEY: 'a secret of ours' }
  const run = (line: string, more: object = {}) =>
    runCommand(line.split(' '), { cwd: root, env: { ...env, ...more } })
  return { receiver, root, write, run }
}

const bodies = ({ received }: Receiver) => received.map(({ body }) => JSON.parse(body) as Body)

describe('alerts of a run', () => {
  it('tell of a stop when it begins, and once that all is well again', async () => {
    const { receiver, write, run } = await telling()
    await run('run')
    expect(receiver.received).toEqual([])
    write('data/b.ndjson', people(false, 5))

    expect((await run('run')).code).toBe(5)
    await run('run')
    await run('run --allow removals=*')
    await run('run')

    expect(bodies(receiver)).toMatchObject([
      {
        event: 'stopped',
        run: 2,
        status: 'stopped',
        title: expect.stringContaining('local · run 2 · stopped by a guard'),
        error: { code: 'GUARD_STOPPED' },
        guards: [expect.stringContaining('would remove 120 members')],
        counts: { data_points: 0 },
      },
      { event: 'recovered', run: 4, status: 'done', error: null },
    ])
  })

  it('are signed, so that a receiver knows who told it', async () => {
    const { receiver, run } = await telling()
    await run('notify test')

    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received
    const signed = `${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`
    const signature = createHmac('sha256', 'a secret of ours').update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
    expect(headers['content-type']).toBe('application/json')
  })

  it('tell of a failure before there is a run, and hold no secret', async () => {
    const { receiver, run } = await telling()
    await run('run')

    const { code } = await run('run --plan missing.json')

    expect(code).toBe(2)
    expect(bodies(receiver)).toMatchObject([
      { event: 'failed', run: null, error: { code: 'PLAN_UNREADABLE' }, counts: null },
    ])
    expect(JSON.stringify(receiver.received)).not.toMatch(/a secret of ours|127\.0\.0\.1.*hook"/)
  })

  it('tell what passes a limit, whatever else is told', async () => {
    const { receiver, write, run } = await telling(', on: [], rejected: 0.5%, dead_letters: 0')
    write('data/b.ndjson', traitLine('ada', 'lifetime_value', 'canary-value'))

    await run('run')

    expect(bodies(receiver)).toMatchObject([
      {
        event: 'limit',
        texts: [
          expect.stringContaining('1 value of 121 could not be used'),
          expect.stringContaining('It kept 1 dead letter'),
        ],
      },
    ])
    expect(receiver.received[0]?.body).not.toMatch(/canary-value|ada/)
  })
})

describe('a receiver that does not answer', () => {
  it('fails no run, is asked twice, and is told of', async () => {
    const { receiver, write, run } = await telling()
    await run('run')
    write('data/b.ndjson', people(false, 5))
    receiver.answer(503)

    const { code, err } = await run('run')

    expect(code).toBe(5)
    expect(receiver.received).toHaveLength(2)
    expect(err).toContain('An alert to a webhook was not taken: HTTP 503 (NOTIFY_NOT_SENT)')
    expect(err).not.toContain(receiver.url)
  })

  it.each([
    ['is not there', { HOOK: 'http://127.0.0.1:9' }, 'unreachable'],
    ['is a name without https', { HOOK: 'http://alerts.test/x' }, 'its address is no https URL'],
    ['has no address', { HOOK: '' }, 'HOOK'],
  ])('and %s changes nothing', async (_, env, why) => {
    const { write, run } = await telling()
    await run('run')
    write('data/b.ndjson', people(false, 5))

    const { code, err } = await run('run', env)

    expect(code).toBe(5)
    expect(err).toContain(why)
    expect((await run('plan', env)).code).toBe(0)
  })

  it('is not followed elsewhere', async () => {
    const { receiver, run } = await telling()
    receiver.answer(302)

    const { code, out } = await run('notify test')

    expect(code).toBe(3)
    expect(out).toContain('✗ a webhook: HTTP 302')
    expect(receiver.received).toHaveLength(1)
  })
})

describe('notify', () => {
  it('test says who took it, and refuses where nobody is told', async () => {
    const { receiver, run } = await telling()

    expect(await run('notify test')).toMatchObject({ code: 0, out: '✓ a webhook took it\n' })
    expect(bodies(receiver)).toMatchObject([{ event: 'test', run: null }])
    const { root } = makeProject({})
    expect(await runCommand(['notify', 'test'], { cwd: root })).toMatchObject({
      code: 2,
      err: expect.stringContaining('NOTIFY_NOBODY'),
    })
  })

  it('is looked at by doctor, which tells nobody', async () => {
    const { receiver, run } = await telling()
    await run('run')

    expect((await run('doctor')).out).toMatch(/✓ +alerts +1 receiver to be told/)
    const { code, out } = await run('doctor', { HOOK: '' })
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/alerts +Not all can be told: nothing stands for \$\{HOOK\}/),
    })
    expect(receiver.received).toEqual([])
  })

  it('check tells for how long no run ended well', async () => {
    const { receiver, root, run } = await telling(', silence: 2h')
    await run('run')
    const env = { HOOK: receiver.url, KEY: 'k' }
    const later = (hours: number) =>
      runCommand(['notify', 'check'], {
        cwd: root,
        env,
        now: () => Date.UTC(2026, 10, 23, 12 + hours),
      })

    expect((await later(1)).code).toBe(0)
    expect(await later(5)).toMatchObject({ code: 1, out: expect.stringMatching(/for 5 h 0 min/) })
    expect(bodies(receiver)).toMatchObject([{ event: 'silence' }])
  })
})

describe('an alert to Slack', () => {
  it('is told in words that are no link and no mention', async () => {
    const receiver = await startReceiver()
    const { root } = makeProject({
      'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: 'data/<!channel>&.ndjson' } }
    notify: [{ slack: '\${HOOK}' }]
`,
    })
    const env = {
      HOOK: receiver.url,
      CI_JOB_URL: 'https://ci.acme.com/jobs/7',
      CI_COMMIT_SHA: '0123456789abcdef',
    }

    await runCommand(['run'], { cwd: root, env })

    const [{ headers, body } = { headers: {}, body: '{}' }] = receiver.received
    const { text, blocks } = JSON.parse(body) as { text: string; blocks: object[] }
    expect(text).toBe('🛑 engage-sync · local · run 1 · failed')
    expect(JSON.stringify(blocks)).toContain('SOURCE_NOT_FOUND')
    expect(JSON.stringify(blocks)).not.toContain('<!channel>')
    expect(JSON.stringify(blocks)).toContain('commit 0123456 · <https://ci.acme.com/jobs/7|job>')
    expect(headers['webhook-signature']).toBeUndefined()
  })
})
