import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '@engage-sync/core'
import { startFakePublicApi } from '@engage-sync/segment/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PlanView } from '../../src/plan/view.ts'
import { main } from '../../src/main.ts'
import { fakeIo } from '../fake-io.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'

const DAY_MS = 24 * 3_600_000
const NOW = Date.UTC(2026, 10, 23, 12)

async function call(root: string, args: readonly string[], now = NOW) {
  const io = fakeIo({ cwd: root, now: () => now })
  const code = await main(args, io)
  return { code, out: io.out(), err: io.err() }
}

async function plan(root: string, ...flags: string[]): Promise<PlanView> {
  return JSON.parse((await call(root, ['plan', '--format', 'json', ...flags])).out) as PlanView
}

async function run(root: string, ...flags: string[]): Promise<Report> {
  return JSON.parse((await call(root, ['run', '--format', 'json', ...flags])).out) as Report
}

const USERS = ['ada.lovelace', 'grace.hopper', 'mary.shelley']
const DATA = USERS.map(
  (user) => traitLine(user, 'lifetime_value', 12.5) + audienceLine(user, 'dormant_shopper', true),
).join('')

describe('plan', () => {
  it('says what a run then does, and changes nothing by saying it', async () => {
    const { root } = makeProject({ 'data/a.ndjson': DATA })

    const planned = await plan(root)
    const again = await plan(root)
    const report = await run(root)

    expect(again.digest).toBe(planned.digest)
    expect(planned.braze).toMatchObject({
      attributes: 6,
      events: 6,
      cohort_adds: 3,
      data_points: 15,
    })
    const { seconds_at_limit: _, ...counts } = planned.braze
    expect(report.braze).toMatchObject(counts)
    expect(planned.users).toMatchObject({ seen: 3, changed: 3, created: 3 })
  })

  it('tells additive, changing and destructive apart', async () => {
    const project = makeProject({ 'data/a.ndjson': DATA })
    await run(project.root)
    project.write(
      'data/b.ndjson',
      traitLine(USERS[0], 'lifetime_value', 13, 5) +
        traitLine(USERS[1], 'lifetime_value', null, 5) +
        audienceLine(USERS[2], 'dormant_shopper', false, 5) +
        traitLine('new', 'lifetime_value', 1, 5),
    )

    const { kinds, mappings } = await plan(project.root)

    expect(kinds).toEqual({ additive: 4, changing: 2, destructive: 2 })
    expect(
      mappings.find(({ mapping }) => mapping === 'shoppers:traits.lifetime_value'),
    ).toMatchObject({ new: 1, changed: 1, unset: 1 })
  })

  it('counts a value after a null as new: Braze holds none', async () => {
    const { root } = makeProject({
      'data/a.ndjson':
        traitLine('ada', 'lifetime_value', null) + traitLine('ada', 'lifetime_value', 7, 5),
    })

    const { kinds, mappings } = await plan(root)

    expect(kinds).toEqual({ additive: 2, changing: 0, destructive: 0 })
    expect(mappings[0]).toMatchObject({ new: 1, changed: 0, events: 1 })
  })

  it('lists what changed in the configuration', async () => {
    const project = makeProject({ 'data/a.ndjson': DATA })
    await run(project.root)
    const path = join(project.root, 'configs/shoppers.yaml')
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      text
        .replace('  last_product_viewed_item: last_product_viewed_item\n', '  city: city\n')
        .replace('attribute: ltv,', 'attribute: clv,')
        .replace('cohort: Dormant shoppers', 'cohort: Sleepers')
        .replace(/segments:[^]*/, ''),
    )

    const { configuration, cohorts } = await plan(project.root)

    expect(configuration.added).toEqual(['shoppers:traits.city'])
    expect(configuration.changed.toSorted()).toEqual([
      'shoppers:audiences.dormant_shopper',
      'shoppers:traits.lifetime_value',
    ])
    expect(configuration.orphaned).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          mapping: 'shoppers:traits.last_product_viewed_item',
          attribute: 'last_product_viewed_item',
        }),
        expect.objectContaining({
          mapping: 'shoppers:segments.sweater_fans',
          cohort: 'Sweater fans',
        }),
      ]),
    )
    expect(cohorts).toEqual({
      created: [],
      renamed: [{ from: 'Dormant shoppers', to: 'Sleepers' }],
    })
  })

  it('names the guard that would stop the run', async () => {
    const many = Array.from({ length: 120 }, (_, user) =>
      audienceLine(`user-${user}`, 'dormant_shopper', true),
    ).join('')
    const project = makeProject({ 'data/a.ndjson': many })
    await run(project.root)
    project.write(
      'data/b.ndjson',
      Array.from({ length: 120 }, (_, user) =>
        audienceLine(`user-${user}`, 'dormant_shopper', false, 5),
      ).join(''),
    )

    const { code, out } = await call(project.root, ['plan'])

    expect(code).toBe(0)
    expect(out).toContain('A run would be stopped by a guard')
    expect(out).toContain('--allow removals=shoppers:audiences.dormant_shopper')
  })

  it('exits 6 with --exit-code while there is something to do', async () => {
    const { root } = makeProject({ 'data/a.ndjson': DATA })

    const before = await call(root, ['plan', '--exit-code'])
    await run(root)
    const after = await call(root, ['plan', '--exit-code'])

    expect([before.code, after.code]).toEqual([6, 0])
    expect(after.out).toContain('No changes.')
  })

  it.each(['human', 'json', 'markdown', 'github'])(
    'shows nobody and no value as %s',
    async (format) => {
      const { root } = makeProject({ 'data/a.ndjson': DATA })

      const { out, err } = await call(root, ['plan', '--format', format])

      for (const secret of [...USERS, 'lovelace', '12.5']) expect(out + err).not.toContain(secret)
    },
  )

  it('fits into a comment however many mappings there are', async () => {
    const traits = Array.from(
      { length: 2000 },
      (_, number) => `  trait_with_a_long_name_${number}: attribute_with_a_long_name_${number}`,
    )
    const project = makeProject({ 'data/a.ndjson': DATA })
    project.write(
      'configs/wide.yaml',
      `version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n${traits.join('\n')}\n`,
    )

    const { out } = await call(project.root, ['plan', '--format', 'markdown'])

    expect(out.length).toBeLessThan(65_536)
    expect(out).toContain('<!-- engage-sync:plan:local -->')
    expect(out).toMatch(/_and [\d,]+ more_/)
  })
})

describe('run --plan', () => {
  async function planned(files = { 'data/a.ndjson': DATA }) {
    const project = makeProject(files)
    await call(project.root, ['plan', '--out', 'plan.json'])
    return project
  }

  it('does exactly what the plan said', async () => {
    const { root } = await planned()

    const report = await run(root, '--plan', 'plan.json')

    expect(report.status).toBe('done')
    expect(report.braze).toMatchObject({ attributes: 6, events: 6, cohort_adds: 3 })
  })

  it('leaves records that came after the plan to the next run, and counts them', async () => {
    const project = await planned()
    project.write('data/0-sorts-first.ndjson', traitLine('new', 'lifetime_value', 1))
    project.write('data/a.ndjson', DATA + traitLine('newer', 'lifetime_value', 2))

    const report = await run(project.root, '--plan', 'plan.json')
    const next = await run(project.root)

    expect(report).toMatchObject({ status: 'done', records: { read: 6 } })
    expect(report.reasons).toEqual([
      expect.objectContaining({ code: 'PLAN_NEWER_RECORDS', count: 2 }),
    ])
    expect(next).toMatchObject({ records: { read: 2 }, braze: { attributes: 2 } })
  })

  it.each<[string, (project: ReturnType<typeof makeProject>) => unknown, string]>([
    [
      'records that were rewritten',
      (project) => project.write('data/a.ndjson', DATA.replaceAll('12.5', '13.5')),
      'the records of source engage',
    ],
    [
      'a changed configuration',
      ({ root }) => {
        const path = join(root, 'configs/shoppers.yaml')
        writeFileSync(path, readFileSync(path, 'utf8').replace('attribute: ltv', 'attribute: clv'))
      },
      'configuration of shoppers',
    ],
    [
      'another run',
      ({ root }) => run(root),
      'how far source engage was read (another run went on)',
    ],
    [
      'a run for some users alone',
      ({ root }) => run(root, '--only', USERS[0]),
      'what is to be sent (the state holds other values now)',
    ],
  ])('refuses after %s, and says what moved', async (_name, move, what) => {
    const project = await planned()
    await move(project)

    const { code, err } = await call(project.root, ['run', '--plan', 'plan.json'])

    expect(code).toBe(7)
    expect(err).toContain(what)
  })

  describe('with a guard in the way', () => {
    async function guarded(...flags: string[]) {
      const line = (is: boolean, seconds: number) =>
        Array.from({ length: 60 }, (_, user) =>
          audienceLine(`user-${user}`, 'dormant_shopper', is, seconds),
        ).join('')
      const project = makeProject({ 'data/a.ndjson': line(true, 0) })
      await run(project.root)
      project.write('data/b.ndjson', line(false, 5))
      await call(project.root, ['plan', '--out', 'plan.json', ...flags])
      return project
    }

    it('is still good after a stop that sent nothing', async () => {
      const { root } = await guarded()

      const stopped = await call(root, ['run', '--plan', 'plan.json'])
      const again = await call(root, ['run', '--plan', 'plan.json'])
      const allowed = await call(root, ['run', '--plan', 'plan.json', '--allow', 'removals'])

      expect([stopped.code, again.code, allowed.code]).toEqual([5, 5, 0])
    })

    it('takes along what was allowed when it was looked at', async () => {
      const { root } = await guarded('--allow', 'removals=shoppers:audiences.dormant_shopper')

      const { code } = await call(root, ['run', '--plan', 'plan.json'])

      expect(code).toBe(0)
    })
  })

  it('refuses a plan that is older than a day', async () => {
    const { root } = await planned()

    const { code, err } = await call(root, ['run', '--plan', 'plan.json'], NOW + DAY_MS)

    expect(code).toBe(7)
    expect(err).toContain('PLAN_EXPIRED')
  })

  it.each([
    ['is missing', null],
    ['is no JSON', 'plan'],
    ['is something else', '{"version":1}'],
  ])('refuses a plan file that %s', async (_name, text) => {
    const { root } = await planned()
    if (text !== null) writeFileSync(join(root, 'other.json'), text)

    const { code, err } = await call(root, ['run', '--plan', 'other.json'])

    expect(code).toBe(2)
    expect(err).toContain('PLAN_UNREADABLE')
  })

  it.each<readonly [string, string, unknown]>([
    ['options', 'options', null],
    ['options', 'select', 'everything'],
    ['options', 'select', [1]],
    ['options', 'reread', 'yes'],
    ['options', 'resend', null],
    ['options', 'allow', { removals: 1 }],
    ['expectation', 'expectation', 7],
    ['expectation', 'asOf', null],
    ['expectation', 'state', undefined],
    ['expectation', 'fingerprints', null],
    ['expectation', 'from', []],
    ['expectation', 'to', { engage: 'nowhere' }],
    ['expectation', 'digest', 5],
    ['environment', 'environment', 3],
    ['created_at', 'created_at', 'yesterday'],
    ['created_at', 'created_at', '2001-01-01T00:00:00.000Z'],
    ['expires_at', 'expires_at', 9e99],
  ])('refuses a plan whose %s was written by hand: %s: %j', async (part, name, value) => {
    const { root } = await planned()
    const plan = JSON.parse(readFileSync(join(root, 'plan.json'), 'utf8')) as Record<string, object>
    const changed =
      part === name
        ? { ...plan, [name]: value }
        : { ...plan, [part]: { ...plan[part], [name]: value } }
    writeFileSync(join(root, 'other.json'), JSON.stringify(changed))

    const { code, err } = await call(root, ['run', '--plan', 'other.json'])

    expect([2, 7]).toContain(code)
    expect(err).toMatch(/PLAN_|SOURCE_POSITION/)
    expect(err).not.toContain('INTERNAL')
  })

  it('holds nobody and no value', async () => {
    const { root } = await planned()

    const text = readFileSync(join(root, 'plan.json'), 'utf8')

    for (const secret of [...USERS, '12.5']) expect(text).not.toContain(secret)
  })
})

describe('--online', () => {
  const PROJECT = `version: 1
environments:
  local:
    segment: { space_id: spa_test, public_api_token: "\${PUBLIC_API_TOKEN}" }
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson* } }
`

  async function space() {
    const api = await startFakePublicApi()
    onTestFinished(() => api.stop())
    api.hold({
      audiences: [
        {
          id: 'aud_1',
          spaceId: 'spa_test',
          name: 'Dormant',
          key: 'dormant_shopper',
          enabled: true,
          computeCadence: { type: 'BATCH' },
          options: { includeHistoricalData: true },
          size: { count: 7, type: 'USERS' },
        },
      ],
      computedTraits: [
        {
          id: 'tra_1',
          spaceId: 'spa_test',
          name: 'LTV',
          key: 'lifetime_value',
          enabled: true,
          options: { includeHistoricalData: false },
        },
      ],
    })
    const data = DATA.replaceAll('spa_1', 'spa_test')
    const { root } = makeProject({ 'data/a.ndjson': data, 'configs/engage-sync.yaml': PROJECT })
    const env = { PUBLIC_API_TOKEN: 'public-token', ENGAGE_SYNC_PUBLIC_API_URL: api.url }
    return async (...args: string[]) => {
      const io = fakeIo({ cwd: root, env, now: () => NOW })
      return { code: await main(args, io), out: io.out(), err: io.err() }
    }
  }

  it('puts how Segment computes a key beside how we follow it', async () => {
    const command = await space()

    const { out } = await command('plan', '--online', '--format', 'json')

    const rows = new Map((JSON.parse(out) as PlanView).space.map((row) => [row.mapping, row]))
    expect(rows.get('shoppers:audiences.dormant_shopper')).toMatchObject({
      segment: 'in batches, with historical data',
      ours: { mode: 'real time' },
      size: { segment: 7, braze: null },
    })
    expect(rows.get('shoppers:traits.lifetime_value')).toMatchObject({
      segment: 'without historical data',
      size: null,
    })
    expect(rows.get('shoppers:traits.last_product_viewed_item')).toMatchObject({ segment: null })
  })

  it('puts sizes side by side after a run', async () => {
    const command = await space()

    const { code, out } = await command('run', '--online')

    expect(code).toBe(0)
    expect(out).toMatch(
      /shoppers:audiences\.dormant_shopper +in batches, with historical data +real time +7 +3\n/,
    )
  })
})
