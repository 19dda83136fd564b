import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openEnvironment } from '../../src/workspace/environment/open-environment.ts'
import { openState } from '../../src/workspace/state/open-state.ts'
import { fakeIo } from '../fake-io.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { startReceiver } from './receiver.ts'

interface Body {
  readonly event: string
  readonly run: number | null
  readonly texts: readonly string[]
  readonly error: { readonly code: string } | null
}

const MINUTE = 60_000

/** A project that tells a receiver, run every ten minutes. */
async function telling(state = '') {
  const receiver = await startReceiver()
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson } }
    notify: [{ webhook: '\${HOOK}', dead_letters: 1 }]
${state}`,
    'data/a.ndjson': traitLine('ada', 'lifetime_value', 'canary-value'),
  })
  let now = Date.UTC(2026, 10, 23, 12)
  const call = (line: string, env: Readonly<Record<string, string>> = {}) => {
    now += 10 * MINUTE
    const options = { cwd: root, env: { HOOK: receiver.url, ...env }, now: () => now }
    return runCommand(line.split(' '), options)
  }
  return {
    root,
    write,
    call,
    told: () => receiver.received.map(({ body }) => JSON.parse(body) as Body),
    state: join(root, '.engage-sync/local/state.sqlite'),
  }
}

describe('a run that never begins', () => {
  it('is told once while it lasts, stands in the history, and once more when it is over', async () => {
    const { call, told, state } = await telling()
    await call('run')
    renameSync(state, `${state}.away`)
    mkdirSync(state)

    expect((await call('run')).code).toBe(9)
    await call('run')
    renameSync(state, `${state}.broken`)
    renameSync(`${state}.away`, state)
    await call('run')

    expect(told()).toMatchObject([
      { event: 'failed', run: null, error: { code: expect.stringMatching(/^STATE_/) } },
      { event: 'recovered', run: 2, texts: ['It is well again.', 'Before: It failed.'] },
    ])
    const { out } = await call('history')
    expect(out).toMatch(/^ +- +2026-11-23 12:20 .*failed: STATE_/m)
    const { runs, unbegun } = JSON.parse((await call('history --format json')).out)
    expect([runs.length, unbegun.length]).toEqual([2, 2])
    expect(unbegun[0]).toMatchObject({ status: 'failed', error: { code: expect.any(String) } })
    const { out: page } = await call('report --all')
    expect(page).toContain('Never began')
    expect(JSON.stringify([out, told(), page])).not.toMatch(/canary-value/)
  })

  it('is told of a secret that is missing', async () => {
    const { call, told } = await telling(
      "    segment: { space_id: spa_1, profile_api_token: '${TOKEN}' }\n",
    )

    await call('run')
    await call('run', { TOKEN: 'a secret' })

    expect(told()).toMatchObject([
      { event: 'failed', run: null, error: { code: 'SECRET_MISSING' } },
      { event: 'recovered', run: 1 },
    ])
  })

  it('is told of another one at work when that is in the way twice', async () => {
    const { call, told, root } = await telling()
    await call('run')
    const io = fakeIo({ cwd: root, env: { HOOK: 'none' } })
    const { environment } = openEnvironment(io, { configs: 'configs', env: 'local' })
    const store = await openState({ environment, root, create: 'never' })
    const lease = await store.acquireLease('somebody', 24 * 60 * MINUTE)

    expect((await call('run')).code).toBe(8)
    expect(told()).toEqual([])
    await call('run')
    await call('run')
    await store.releaseLease(lease)
    await store.close()
    await call('run')

    expect(told()).toMatchObject([
      { event: 'failed', run: null, error: { code: 'STATE_LEASE_HELD' } },
      { event: 'recovered', run: 2 },
    ])
  })

  it('says nothing where nothing may be kept, and is told each time', async () => {
    const { call, told, root } = await telling(
      "    segment: { space_id: spa_1, profile_api_token: '${TOKEN}' }\n",
    )
    writeFileSync(join(root, '.engage-sync'), '')

    await call('run')
    await call('run')

    expect(told().map(({ event }) => event)).toEqual(['failed', 'failed'])
  })
})

describe('a retry', () => {
  it('is told as a run is, and a mistyped one is not', async () => {
    const { call, told } = await telling(
      "    segment: { space_id: spa_1, profile_api_token: '${TOKEN}' }\n",
    )
    const env = { TOKEN: 'a secret' }
    await call('run', env)

    await call('retry', env)
    await call('retry --all')
    await call('retry --all', env)
    await call('run', env)

    expect(told()).toMatchObject([
      { event: 'failed', run: null, error: { code: 'SECRET_MISSING' } },
      { event: 'recovered' },
    ])
  })
})
