import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import { startFakeS3, startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '@engage-sync/segment/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import { streamGuards } from '../../src/state/values/stream-guards.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

interface Checks {
  readonly checks: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly hint: string | null
    readonly exit_code: number
  }[]
}

/** A project that syncs to whatever answers at a port; without one, to the simulator. */
function project(port?: number) {
  const endpoint = port === undefined ? 'simulator' : `http://127.0.0.1:${port}`
  const key =
    port === undefined
      ? ''
      : ', api_key: "${BRAZE_API_KEY}", cohorts: { partner: p, partner_api_key: "${BRAZE_API_KEY}", data_import_key: "${BRAZE_API_KEY}" }'
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local: { braze: { endpoint: "${endpoint}"${key} }, sources: { engage: { events: data/*.ndjson } } }
  staging: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }
`,
    'data/a.ndjson': traitLine('ada', 'lifetime_value', 12),
  })
  const run = (line: string, env: Record<string, string> = { BRAZE_API_KEY: 'the-key' }) =>
    runCommand(line.split(' '), { cwd: root, env })
  const checks = async (line = 'doctor') =>
    (JSON.parse((await run(`${line} --format json`)).out) as Checks).checks
  return { root, run, checks, state: join(root, '.engage-sync', 'local', 'state.sqlite') }
}

/** A Braze that answers everything with one status. */
async function brazeThatAnswers(status: number): Promise<number> {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"no"}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as { port: number }).port
}

describe('doctor', () => {
  it('tells a state that may be read and not written', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { root } = makeProject({
      'configs/engage-sync.yaml': `version: 1
environments:
  staging: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } }, state: { url: "\${DATABASE_URL}" } }
`,
      'data/a.ndjson': traitLine('ada', 'lifetime_value', 12),
    })
    const asked = (line: string, url: string) =>
      runCommand([...line.split(' '), '--env', 'staging'], {
        cwd: root,
        env: { DATABASE_URL: url },
      })
    const { default: pg } = await import('pg')
    const admin = new pg.Client({ connectionString: server.url })
    await asked('state init', server.url)
    await admin.connect()
    await admin.query(`CREATE ROLE looker LOGIN PASSWORD 'looker'; GRANT USAGE ON SCHEMA engage_sync TO looker;
      GRANT SELECT ON ALL TABLES IN SCHEMA engage_sync TO looker`)
    await admin.end()

    const owner = await asked('doctor', server.url)
    const looker = await asked(
      'doctor',
      server.url.replace(/\/\/postgres:[^@]+@/, '//looker:looker@'),
    )

    expect([owner.code, looker.code]).toEqual([0, 9])
    expect(looker.out).toContain('cannot be written to')
  })

  it('tells the folders and spaces records come from, and what is skipped of them', async () => {
    const mark = (space: string) => JSON.stringify({ context: { personas: { space_id: space } } })
    const { root } = makeProject({
      'configs/engage-sync.yaml': `version: 1
environments:
  local:
    segment: { space_id: spa_ours }
    braze: { endpoint: simulator }
    sources: { engage: { events: "logs/**" } }
`,
      'logs/segment-logs/engage/1763000000000/a.ndjson': `${mark('spa_ours')}\n`,
      'logs/segment-logs/web/1763000000000/a.ndjson': `${mark('spa_forged')}\n`,
      'logs/segment-logs/app/1763000000000/a.ndjson': '{"type":"track","userId":"ada"}\n',
    })

    const { out, code } = await runCommand(['doctor'], { cwd: root, env: {} })

    expect(code).toBe(0)
    expect(out).toMatch(
      /✓ {2}source engage, from +logs\/segment-logs\/engage: 1 file, space spa_ours/,
    )
    expect(out).toMatch(
      /! {2}source engage, from +logs\/segment-logs\/web: 1 file, space spa_forged\n +Records of spa_forged are skipped/,
    )
    expect(out).toMatch(
      /! {2}source engage, from +logs\/segment-logs\/app: 1 file, 1 record of 1 without Engage's mark\n +Nothing of Engage/,
    )
    expect(out).not.toContain('ada')
  })

  it('finds all well before the first run, and after it', async () => {
    const { run } = project()

    const before = await run('doctor')
    await run('run')
    const after = await run('doctor')

    expect(before).toMatchObject({ code: 0, err: '' })
    expect(before.out).toMatch(/✓ {2}state +None yet; the first run makes it/)
    expect(after).toMatchObject({ code: 0, err: '' })
    expect(after.out).toMatch(/✓ {2}source engage +1 file can be read/)
    expect(after.out).toMatch(/✓ {2}endpoint +Braze answers/)
    expect(after.out).toMatch(/✓ {2}state +Sound, at/)
    expect(after.out).toMatch(/✓ {2}last run +Run 1, done/)
    expect(after.out).toMatch(/All is well\.\n$/)
  })

  it('gives the same as data', async () => {
    const { checks } = project()

    const found = await checks()

    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'configuration',
        'endpoint',
        'clock',
        'key',
        'users.track',
        'cohorts',
        'state',
      ]),
    )
    expect(found.every(({ status, exit_code }) => status === 'ok' && exit_code === 0)).toBe(true)
  })

  it('says how to make a state that is missing', async () => {
    const { run } = project()

    const { code, out } = await run('doctor --env staging')

    expect(code).toBe(9)
    expect(out).toMatch(/✗ {2}state +There is no state at/)
    expect(out).toContain('engage-sync state init')
    expect(out).toMatch(/1 check failed\. A run would not work\.\n$/)
  })

  it('tells a damaged state, a held lease, open marks, dead letters and what is frozen', async () => {
    const { run, checks, state } = project()
    await run('run')
    const store = openSqlite({
      path: state,
      environment: 'local',
      workspace: 'simulator',
      create: false,
      now: () => Date.UTC(2026, 10, 23, 12),
    })
    const { epoch } = await store.acquireLease('a run elsewhere', 20_000)
    const sinceMs = Date.UTC(2026, 10, 23, 11)
    const frozen = new Map([['removals=shop:audiences.vip', sinceMs]])
    const values = [streamGuards.stored({ budgets: new Map(), allowed: new Map(), frozen })]
    const openMarks = [{ id: '1:1', run: 1, intent: { events: [] } }]
    await store.commit({ epoch, openMarks, values })
    await store.close()

    const { code, out } = await run('doctor')
    expect(code).toBe(5)
    expect(out).toMatch(/! {2}frozen +shop:audiences.vip is frozen by max_removals for /)
    expect(out).toContain('engage-sync allow removals=shop:audiences.vip')
    expect(out).toMatch(/! {2}lease +Held by a run elsewhere for 20 s more/)
    expect(out).toMatch(/! {2}marks +1 request without a known outcome/)
    expect(out).toContain('3 things to know about')
    writeFileSync(state, 'no database at all')
    expect((await checks()).find(({ name }) => name === 'state')).toMatchObject({
      status: 'failed',
      exit_code: 9,
    })
  })

  it('tells every missing secret with its place, and looks at all that needs none', async () => {
    const { run } = project(await brazeThatAnswers(401))
    await run('state init')

    const { code, out } = await run('doctor', {})

    expect(code).toBe(2)
    expect(out).toMatch(/✗ {2}configuration +\$\{BRAZE_API_KEY\} is not set/)
    expect(out).toContain('configs/engage-sync.yaml:3 asks for ${BRAZE_API_KEY}.')
    expect(out).toMatch(/✓ {2}endpoint +Braze answers/)
    expect(out).toMatch(/! {2}key +Not looked at: it needs \$\{BRAZE_API_KEY\}/)
    expect(out).toMatch(/! {2}cohorts +Not looked at: it needs \$\{BRAZE_API_KEY\}/)
    expect(out).not.toMatch(/permission|refuses/)
    expect(out).toMatch(/✓ {2}source engage +1 file can be read/)
    expect(out).toMatch(/✓ {2}state +Sound, at/)
    expect(out).toMatch(/✓ {2}lease +Free/)
  })

  it('looks at what the secrets that are there are enough for', async () => {
    const { root } = makeProject()
    const simulator = await startSimulator()
    onTestFinished(() => simulator.close())
    writeFileSync(
      join(root, 'configs/engage-sync.yaml'),
      `version: 1
environments:
  local:
    braze:
      endpoint: "${simulator.url}"
      api_key: "\${KEY}"
      cohorts: { partner: simulator, partner_api_key: "\${PARTNER}", data_import_key: "\${IMPORT}" }
    sources: { engage: { events: data/*.ndjson } }
`,
    )
    const found = async (env: Record<string, string>) =>
      (await runCommand(['doctor'], { cwd: root, env })).out

    const key = await found({ KEY: 'simulator', PARTNER: 'simulator' })
    const cohorts = await found({ PARTNER: 'simulator', IMPORT: 'simulator' })

    expect(key).toMatch(/✓ {2}key +The API key is valid/)
    expect(key).toMatch(/! {2}cohorts +Not looked at: it needs \$\{IMPORT\}/)
    expect(cohorts).toMatch(/! {2}key +Not looked at: it needs \$\{KEY\}/)
    expect(cohorts).toMatch(/✓ {2}cohorts /)
  })

  it('takes no part of a secret for a reference', async () => {
    const { run } = project(await brazeThatAnswers(401))

    const { code, out } = await run('doctor', { BRAZE_API_KEY: 'a${HUSH}b' })

    expect(code).toBe(4)
    expect(out).not.toContain('HUSH')
  })

  it.each([
    ['configuration', 'a secret that is missing', {}, 2],
    ['key', 'a key that Braze refuses', { BRAZE_API_KEY: 'k' }, 4],
  ])('fails at the %s for %s', async (name, _, env: Record<string, string>, exit) => {
    const { run } = project(await brazeThatAnswers(401))

    const { code, out } = await run('doctor', env)

    expect(code).toBe(exit)
    expect(out).toMatch(new RegExp(`✗ +${name} `))
  })
})

/** A sync that reads a source, and nothing else of note. */
const reading = (name: string, source = name) =>
  `version: 1\nsource: ${source}\nidentity: { external_id: userId }\ntraits: { city: city_of_${name} }\n`

/**
 * A project with these sources, one a line, each read by a sync of its own, but for those that are
 * spare.
 */
function projectOf(
  sources: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
) {
  const lines = Object.entries(sources).map(([name, source]) => `      ${name}: ${source}\n`)
  const syncs = Object.keys(sources).filter((name) => !name.startsWith('spare'))
  const { root } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    segment: { space_id: spa_1, profile_api_token: "\${SECRET}" }
    sources:
${lines.join('')}`,
    'configs/shoppers.yaml': reading('shoppers', '{ events: data/a.ndjson }'),
    'data/a.ndjson': traitLine('ada', 'city', 'Ulm'),
    ...Object.fromEntries(syncs.map((name) => [`configs/${name}.yaml`, reading(name)])),
  })
  return async () => {
    const { code, out, err } = await runCommand(['doctor', '--format', 'json'], {
      cwd: root,
      env: { SECRET: 'hush-hush', ...env },
    })
    expect(`${out}${err}`).not.toContain('hush-hush')
    const { checks } = JSON.parse(out) as Checks
    return { code, of: (name: string) => checks.find((check) => check.name === `source ${name}`) }
  }
}

describe('doctor, of sources', () => {
  it('says of each whether it can be read, and what to do where not', async () => {
    const doctor = projectOf(
      {
        engage: '{ events: data/*.ndjson }',
        later: '{ events: [later/*.ndjson, data/a.ndjson] }',
        input: '{ events: "-" }',
        some: '{ profile_api: { users: users.txt } }',
        spare_hook: '{ webhook: { shared_secret: "${SECRET}" } }',
        spare_files: '{ events: none/*.ndjson }',
      },
      {},
    )

    const { code, of } = await doctor()

    expect(code).toBe(2)
    expect(of('engage')).toMatchObject({
      status: 'ok',
      message: '1 file can be read',
      exit_code: 0,
    })
    expect(of('later')).toMatchObject({
      status: 'failed',
      message: 'No event file matches later/*.ndjson',
      exit_code: 2,
    })
    expect(of('input')).toMatchObject({ status: 'ok', exit_code: 0 })
    expect(of('some')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('users.txt') as string,
      exit_code: 2,
    })
    expect(of('shoppers')).toMatchObject({ status: 'ok', message: '1 file can be read' })
    expect(of('spare_hook')).toMatchObject({ status: 'ok', exit_code: 0 })
    expect(of('spare_files')).toMatchObject({
      status: 'warning',
      hint: expect.stringMatching(/^No sync reads it\. ./u) as string,
      exit_code: 0,
    })
  })

  it('tells a bucket and a warehouse that can be read from those that cannot', async () => {
    const s3 = await startFakeS3()
    onTestFinished(() => s3.stop())
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { default: pg } = await import('pg')
    const client = new pg.Client(server.url)
    await client.connect()
    onTestFinished(() => client.end())
    const tables = await createProfilesSyncTables((sql, values) => client.query(sql, values))
    await tables.addTraits([{ profile: 'use_1', name: 'city', value: 'Ulm' }])
    await s3.put('logs/1.ndjson', traitLine('ada', 'city', 'Ulm'))
    const keys = 'access_key_id: "${KEY}", secret_access_key: "${KEY}"'
    const doctor = projectOf(
      {
        bucket: `{ events: "s3://${s3.bucket}/logs/**", s3: { endpoint: "${s3.url}", ${keys} } }`,
        people: '{ profiles_sync: { url: "${WAREHOUSE_URL}", schema: segment } }',
        nobody: '{ profiles_sync: { url: "${NOBODY_URL}", schema: segment } }',
      },
      {
        WAREHOUSE_URL: server.url,
        NOBODY_URL: 'postgres://engage:hush-hush@127.0.0.1:1/db',
        KEY: s3.credentials.accessKeyId,
      },
    )

    const before = await doctor()
    await client.query('drop table segment.profile_merges')
    s3.fail({ status: 403, code: 'AccessDenied', times: 9 })
    const after = await doctor()

    expect(before.code).toBe(3)
    expect(before.of('bucket')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining(s3.bucket) as string,
    })
    expect(before.of('people')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('all tables') as string,
    })
    expect(before.of('nobody')).toMatchObject({ status: 'failed', exit_code: 3 })
    expect(after.code).toBe(4)
    expect(after.of('bucket')).toMatchObject({
      status: 'failed',
      hint: expect.stringContaining('s3:ListBucket') as string,
      exit_code: 4,
    })
    expect(after.of('people')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('no table profile_merges') as string,
    })
  })
})
