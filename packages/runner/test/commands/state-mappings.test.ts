import type { Report } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const LTV = 'shoppers:traits.lifetime_value'
const DORMANT = 'shoppers:audiences.dormant_shopper'

async function afterARun() {
  const { root, write } = makeProject({
    'data/1.ndjson':
      traitLine('u1', 'lifetime_value', 12) +
      traitLine('u2', 'lifetime_value', 7) +
      traitLine('u3', 'lifetime_value', null) +
      audienceLine('u1', 'dormant_shopper', true),
  })
  const call = (line: string) => runCommand(line.split(' '), { cwd: root })
  const json = async (line: string) => JSON.parse((await call(`${line} --format json`)).out)
  expect((await call('run')).code).toBe(0)
  return { call, json, write, run: async (): Promise<Report> => await json('run') }
}

describe('state list', () => {
  it('names every mapping, who holds something of it, and what it sends', async () => {
    const { call, json, write } = await afterARun()
    write(
      'configs/shoppers.yaml',
      'version: 1\nsource: engage\ntraits: { lifetime_value: { attribute: ltv, type: number } }\n',
    )
    await call('run')

    const { out } = await call('state list')

    expect(out).toMatch(/shoppers:traits\.lifetime_value +2 +attribute ltv/)
    expect(out).toMatch(/shoppers:audiences\.dormant_shopper +1 +attribute .* +in no sync/)
    expect((await json('state list')).mappings).toContainEqual({
      id: DORMANT,
      active: true,
      configured: false,
      users: 1,
    })
  })
})

describe('state show MAPPING', () => {
  it('says what one was set to, since when, and how many hold it', async () => {
    const { call, json } = await afterARun()

    const { out } = await call(`state show ${LTV}`)

    expect(out).toMatch(/ltv/)
    expect(out).toMatch(/type +number/)
    expect(await json(`state show ${LTV}`)).toMatchObject({
      id: LTV,
      active: true,
      attribute: 'ltv',
      events: ['Trait Computed'],
      options: { type: 'number' },
      slots: [
        { slot: `${LTV}#attribute=ltv`, holds: 2, unset: 1 },
        { slot: `${LTV}#event`, holds: 2 },
      ],
    })
  })

  it('guesses what was meant', async () => {
    const { call } = await afterARun()

    const { code, err } = await call('state show shoppers:traits.lifetime_valu')

    expect(code).toBe(2)
    expect(err).toContain('STATE_MAPPING')
    expect(err).toContain(`Did you mean "${LTV}"?`)
  })
})

describe('run --resend MAPPING', () => {
  it('sends that one again, as a plan of it says', async () => {
    const { call, json } = await afterARun()

    const planned = await json(`plan --resend ${LTV} --out plan.json`)
    const { braze } = await json('run --plan plan.json')

    expect(planned.braze).toMatchObject({ attributes: 2, events: 0, cohort_adds: 0 })
    expect(braze).toMatchObject({ attributes: 2, events: 0, cohort_adds: 0 })
    expect((await json(`run --resend ${DORMANT} ${LTV}`)).braze).toMatchObject({
      attributes: 3,
      cohort_adds: 1,
    })
    expect((await call('run --resend')).code).toBe(0)
  })

  it('guesses what was meant', async () => {
    const { call } = await afterARun()

    const { code, err } = await call('run --resend shoppers:traits.lifetime')

    expect([code, err]).toEqual([2, expect.stringContaining(`Did you mean "${LTV}"?`)])
    expect(err).toContain('USAGE_RESEND')
  })
})

describe('state rm', () => {
  it('asks first', async () => {
    const { call } = await afterARun()

    expect((await call(`state rm ${LTV}`)).err).toContain('USAGE_NOT_CONFIRMED')
    expect((await call('state list')).out).toContain(LTV)
  })

  it('has the next run send all of one that is there, and nothing else', async () => {
    const { call, run } = await afterARun()

    expect((await call(`state rm ${LTV} --yes`)).code).toBe(0)
    expect((await call('state list')).out).not.toContain(LTV)
    expect((await call('state check')).code).toBe(0)
    const again = await run()

    expect(again.braze).toMatchObject({ attributes: 2, cohort_adds: 0, cohort_removals: 0 })
    expect((await run()).braze).toMatchObject({ requests: 0 })
    expect((await call('state check')).code).toBe(0)
  })

  it('has plans say no more of one that is gone', async () => {
    const { call, json, write } = await afterARun()
    write(
      'configs/shoppers.yaml',
      'version: 1\nsource: engage\ntraits: { lifetime_value: { attribute: ltv, type: number, event: Trait Computed } }\n',
    )
    expect(JSON.stringify((await json('plan')).configuration.orphaned)).toContain(DORMANT)

    await call(`state rm ${DORMANT} --yes`)

    const { configuration, braze, by_hand: byHand } = await json('plan')
    expect(configuration.added).toEqual([])
    expect(JSON.stringify(configuration.orphaned)).not.toContain(DORMANT)
    expect(braze).toMatchObject({ requests: 0 })
    expect(JSON.stringify(byHand)).not.toContain('dormant')
  })

  it('does the same in PostgreSQL', { timeout: 60_000 }, async () => {
    const { startPostgres } = await import('@engage-sync/testkit')
    const server = await startPostgres()
    try {
      const { root } = makeProject({
        'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson } }
    state: { url: "\${DATABASE_URL}" }
`,
        'data/1.ndjson': traitLine('u1', 'lifetime_value', 12),
      })
      const call = (line: string) =>
        runCommand(line.split(' '), { cwd: root, env: { DATABASE_URL: server.url } })
      await call('run')

      expect((await call(`state rm ${LTV} --yes`)).code).toBe(0)
      expect((await call('state check')).code).toBe(0)
      const again = JSON.parse((await call('run --format json')).out) as Report

      expect(again.braze).toMatchObject({ attributes: 1 })
    } finally {
      await server.stop()
    }
  })
})
