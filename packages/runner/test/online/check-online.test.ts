import { startSimulator } from '@engage-sync/braze-simulator'
import { startFakePublicApi } from '@engage-sync/segment/testing'
import type { FakePublicApi } from '@engage-sync/segment/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../run-command.ts'
import { configDirectory, SHOP } from '../temp-directory.ts'

let fake: FakePublicApi
beforeAll(async () => {
  fake = await startFakePublicApi()
})
afterAll(() => fake.stop())
beforeEach(() => fake.recover())

const PROJECT = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    segment: { space_id: spa_test, public_api_token: '\${TOKEN}' }
    sources: { engage: { events: data } }
`
const audience = (key: string, enabled = true) => ({
  id: `aud_${key}`,
  key,
  name: key,
  enabled,
  computeCadence: { type: 'BATCH' },
})
const trait = (key: string) => ({
  id: `tra_${key}`,
  key,
  name: key,
  enabled: true,
  computeCadence: { type: 'REALTIME' },
})

async function validate(env: Readonly<Record<string, string>> = {}, project = PROJECT) {
  const all = { TOKEN: 'public-token', ENGAGE_SYNC_PUBLIC_API_URL: fake.url, ...env }
  const cwd = configDirectory({ 'engage-sync.yaml': project, 'shop.yaml': SHOP })
  const { code, out, err } = await runCommand(['validate', '--online', '--format', 'json'], {
    cwd,
    env: all,
  })
  return { code, err, found: out === '' ? null : JSON.parse(out) }
}

describe('validate --online', () => {
  it('says how Segment computes what is mapped', async () => {
    fake.hold({ audiences: [audience('vip')], computedTraits: [trait('ltv')] })
    const { code, found } = await validate()

    expect([code, found.diagnostics]).toEqual([0, []])
    expect(found.syncs[0].mappings.map(({ remarks }: { remarks: string[] }) => remarks)).toEqual([
      ['Segment: "ltv": in real time'],
      ['Segment: "vip": in batches'],
      [],
      [],
    ])
  })

  it('takes a key the space lacks for a mistake, at its place, with a guess', async () => {
    fake.hold({ audiences: [audience('vipp')], computedTraits: [trait('ltv')] })
    const { code, found } = await validate()

    expect(code).toBe(2)
    expect(found.diagnostics).toMatchObject([
      {
        path: 'configs/shop.yaml',
        line: 7,
        column: 3,
        severity: 'error',
        code: 'SPACE_UNKNOWN_KEY',
        hint: 'Did you mean "vipp"?',
      },
    ])
  })

  it('warns of what is disabled', async () => {
    fake.hold({ audiences: [audience('vip', false)], computedTraits: [trait('ltv')] })
    const { code, found } = await validate()

    expect(code).toBe(0)
    expect(found.diagnostics).toMatchObject([
      { severity: 'warning', code: 'SPACE_DISABLED', line: 7 },
    ])
  })

  it.each<[string, Readonly<Record<string, string>>, string, number]>([
    ['the token is not set', { TOKEN: '' }, 'SECRET_MISSING', 2],
    ['the token is refused', { TOKEN: 'wrong-token' }, 'SOURCE_AUTH', 4],
  ])('says that %s, without repeating it', async (_what, env, code, exit) => {
    const { code: ended, err } = await validate(env)

    expect(ended).toBe(exit)
    expect(err).toContain(`error ${code}  `)
    expect(err).not.toContain('wrong-token')
  })

  it('says when there is nothing to ask', async () => {
    const { code, err } = await validate({}, PROJECT.replace(/ {4}segment.*\n/, ''))

    expect(code).toBe(2)
    expect(err).toContain('CONFIG_NOTHING_ONLINE')
  })

  it('asks Braze whether the key may do what it must', async () => {
    const simulator = await startSimulator({
      apiKeys: [{ key: 'good' }, { key: 'weak', permissions: ['users.export.ids'] }],
    })
    onTestFinished(() => simulator.close())
    const project = PROJECT.replace(
      '{ endpoint: simulator }',
      `{ endpoint: '${simulator.url}', api_key: '\${KEY}', cohorts: { partner: simulator, partner_api_key: '\${P}', data_import_key: '\${P}' } }`,
    )
    fake.hold({ audiences: [audience('vip')], computedTraits: [trait('ltv')] })
    const good = await validate({ KEY: 'good', P: 'simulator' }, project)
    const weak = await validate({ KEY: 'weak', P: 'simulator' }, project)

    expect([good.code, good.found.errors]).toEqual([0, 0])
    expect(weak.code).toBe(2)
    expect(weak.found.diagnostics[0]).toMatchObject({
      code: 'BRAZE_CHECK',
      severity: 'error',
      path: 'configs/engage-sync.yaml',
      line: 3,
    })
  })
})
