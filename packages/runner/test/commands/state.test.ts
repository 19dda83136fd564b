import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { startPostgres } from '@engage-sync/testkit'
import type { PostgresServer } from '@engage-sync/testkit'
import type { Report } from '@engage-sync/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { STATE_FORMAT } from '../../src/state/format/migrations.ts'
import { openSqlite } from '../../src/state/sqlite/open-sqlite.ts'
import type { FakeIoOptions } from '../fake-io.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const GOOD =
  traitLine('ada', 'last_product_viewed_item', 'Sweater') +
  audienceLine('ada', 'dormant_shopper', true)
const TWO = GOOD + traitLine('ben', 'lifetime_value', 12)

/** A project whose second environment is like production: it makes no state by itself. */
const PROJECT = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson* } }
  staging:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson* } }
  database:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson* } }
    state: { url: "\${DATABASE_URL}" }
  production:
    braze:
      endpoint: https://rest.iad-03.braze.com
      api_key: "\${BRAZE_API_KEY}"
      cohorts: { partner: acme, partner_api_key: "\${BRAZE_API_KEY}", data_import_key: "\${BRAZE_API_KEY}" }
    sources: { engage: { events: data/*.ndjson* } }
`

let server: PostgresServer
let databases = 0

beforeAll(async () => {
  server = await startPostgres()
})

afterAll(() => server.stop())

function project(data = TWO) {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': PROJECT,
    'data/a.ndjson': data,
  })
  const env: Record<string, string> = {
    DATABASE_URL: `${server.url}?schema=commands_${++databases}`,
    BRAZE_API_KEY: 'key-one',
    USER: 'grace',
  }
  const run = (line: string, options: FakeIoOptions = {}) =>
    runCommand(line.split(' '), { cwd: root, env, ...options })
  return { root, write, env, run, directory: join(root, '.engage-sync', 'local') }
}

/** Whether the files of a state name a user. */
function namesIn(directory: string, user: string): boolean {
  return readdirSync(directory)
    .filter((name) => name.startsWith('state'))
    .some((name) => readFileSync(join(directory, name)).includes(user))
}

async function report(run: ReturnType<typeof project>['run'], line = 'run'): Promise<Report> {
  return JSON.parse((await run(`${line} --format json`)).out) as Report
}

describe('state show', () => {
  it('shows what is held, and names no user', async () => {
    const { run } = project()
    await run('run')

    const { code, out } = await run('state show')

    expect(code).toBe(0)
    expect(out).toMatch(/^local · .*state\.sqlite$/m)
    expect(out).toMatch(/ 2 {2}users$/m)
    expect(out).toMatch(/ 1 {2}run +engage-sync history$/m)
    expect(out).toMatch(/^ +free {2}lease$/m)
    expect(out).toMatch(
      /shoppers:audiences\.dormant_shopper +2026-11-23 12:00 +3 +attribute dormant_shopper, event Audience Entered, .*cohort Dormant shoppers$/m,
    )
    expect(out).toMatch(/^ +Sweater fans +engage-sync:shoppers:sweater_fans$/m)
    expect(out).not.toMatch(/ada|ben/)
  })

  it('says which worker owns what', async () => {
    const { run, directory } = project()
    await run('run')
    const store = openSqlite({
      path: join(directory, 'state.sqlite'),
      now: Date.now,
      environment: 'local',
      workspace: 'simulator',
      create: false,
    })
    const card = { url: null, fingerprint: 'f', demand: 3 }
    const one = await store.join({ ...card, worker: 'host-a:41:x:1 (serve)' }, 60_000)
    await store.join({ ...card, worker: 'host-b:42:x:1 (serve)' }, 60_000)
    await store.claim(one, 3)

    const shown = (await run('state show')).out
    expect(shown).toMatch(/process 41 on host-a \(serve\) +3 +0–2 +– +\d+ s ago/)
    expect(shown).toMatch(/nobody +61 +3–63/)
    expect(JSON.parse((await run('state show --format json')).out)).toMatchObject({
      workers: [
        { name: 'host-a:41:x:1 (serve)', partitions: [0, 1, 2], desk: null },
        { name: 'host-b:42:x:1 (serve)', partitions: [] },
      ],
      unowned_partitions: Array.from({ length: 61 }, (_, at) => at + 3),
    })
    const met = await run('run')
    expect(met.code).toBe(8)
    expect(met.err).toContain('2 workers hold this environment: process 41 on host-a (serve)')
    expect((await run('doctor')).out).toContain('2 workers share this environment')

    await run('state unlock --yes')

    await expect(store.beat(one, 60_000)).rejects.toMatchObject({ code: 'STATE_LEASE_LOST' })
    await store.close()
    expect((await run('run')).code).toBe(0)
  })

  it('gives the same as data', async () => {
    const { run } = project()
    await run('run')

    const shown = JSON.parse((await run('state show --format json')).out) as Record<string, unknown>

    expect(shown).toMatchObject({
      version: 1,
      format: STATE_FORMAT,
      environment: 'local',
      workspace: 'simulator',
      users: { total: 2, aliases: 0, forgotten: 0 },
      runs: 1,
      dead_letters: 0,
      open_marks: 0,
      lease: null,
    })
    expect(Object.keys(shown['cohorts'] as object)).toEqual([
      'engage-sync:shoppers:dormant_shopper',
      'engage-sync:shoppers:sweater_fans',
    ])
  })

  it('makes no state by looking', async () => {
    const { run, root } = project()

    const { code, err } = await run('state show')

    expect(code).toBe(9)
    expect(err).toContain('STATE_NOT_INITIALISED')
    expect(existsSync(join(root, '.engage-sync'))).toBe(false)
  })
})

/** Writes of a state that its workspace received something. */
async function receiveSomething(path: string): Promise<void> {
  const file = new DatabaseSync(path, { readOnly: true })
  const info = file.prepare('SELECT key, value FROM info').all()
  file.close()
  const of = (key: string) => String(info.find((row) => row['key'] === key)?.['value'])
  const store = openSqlite({
    path,
    environment: of('environment'),
    workspace: of('workspace'),
    create: false,
    now: Date.now,
  })
  const { epoch } = await store.acquireLease('the test', 0)
  await store.commit({ epoch, values: [{ key: 'cohort:x', value: 'VIPs' }] })
  await store.close()
}

describe('state init', () => {
  it('is needed outside local before a run, once', async () => {
    const { run } = project()

    expect((await run('run --env staging')).code).toBe(9)
    expect(await run('state init --env staging')).toMatchObject({ code: 0, err: '' })
    expect((await run('run --env staging')).code).toBe(0)
    expect(await run('state init --env staging')).toMatchObject({
      code: 9,
      err: expect.stringContaining('STATE_EXISTS'),
    })
  })

  it('gives a state the new key of its workspace, and of no other', async () => {
    const { run, env, root } = project()
    await run('state init --env production')
    await receiveSomething(join(root, '.engage-sync/production/state.sqlite'))
    const rotated = { env: { ...env, BRAZE_API_KEY: 'key-two' } }

    const refused = await run('state export moved.ndjson --env production', rotated)
    expect(refused).toMatchObject({ code: 9, err: expect.stringContaining('state init --new-key') })
    expect((await run('state init --env production --new-key', rotated)).code).toBe(0)
    expect((await run('state check --env production', rotated)).code).toBe(0)
    expect(refused.err).not.toContain('key-two')
  })
})

describe('state export and import', () => {
  it('move a state to PostgreSQL and back, and the runs go on as if nothing had happened', async () => {
    const { run, root, write } = project()
    await run('run')

    expect((await run('state export moved.ndjson')).code).toBe(0)
    const text = readFileSync(join(root, 'moved.ndjson'), 'utf8')
    const elsewhere = text.replaceAll('"environment":"local"', '"environment":"database"')
    expect(elsewhere).not.toBe(text)
    expect((await run('state import moved.ndjson --env database')).code).toBe(0)
    const before = JSON.parse((await run('state show --format json')).out) as Record<
      string,
      unknown
    >
    const after = JSON.parse((await run('state show --format json --env database')).out) as Record<
      string,
      unknown
    >

    for (const member of [
      'users',
      'columns',
      'bytes',
      'deltas',
      'mappings',
      'positions',
      'cohorts',
      'runs',
    ]) {
      expect(after[member], member).toEqual(before[member])
    }
    write('data/a.ndjson', TWO + traitLine('ada', 'lifetime_value', 99, 5))
    const next = await report(run, 'run --env database')
    expect(next.records).toMatchObject({ read: 1, changed: 1 })
    expect(next.run).toBe(2)
    expect((await run('state export back.ndjson --env database')).code).toBe(0)
    await run('state reset --yes --env staging')
    expect((await run('state import back.ndjson --env staging')).code).toBe(0)
    expect((await report(run, 'run --env staging')).braze.requests).toBe(0)
  })

  it('writes for its owner only, and over nothing', async () => {
    const { run, root } = project()
    await run('run')
    writeFileSync(join(root, 'taken'), 'mine')

    await run('state export out.ndjson')

    expect(statSync(join(root, 'out.ndjson')).mode & 0o777).toBe(0o600)
    expect(await run('state export taken')).toMatchObject({
      code: 2,
      err: expect.stringContaining('not overwritten'),
    })
    expect(readFileSync(join(root, 'taken'), 'utf8')).toBe('mine')
    expect(await run('state import out.ndjson')).toMatchObject({
      code: 9,
      err: expect.stringContaining('STATE_EXISTS'),
    })
  })

  it.each([
    ['is cut short', (text: string) => text.split('\n').slice(0, -3).join('\n')],
    ['was changed', (text: string) => text.replace('"active":true', '"active":false')],
    ['holds a line that is no JSON', (text: string) => text.replace('{"mapping"', '{mapping')],
  ])('leaves no state that a run would use when the file %s', async (_, spoil) => {
    const { run, root } = project()
    await run('run')
    await run('state export whole.ndjson')
    writeFileSync(
      join(root, 'spoilt.ndjson'),
      spoil(readFileSync(join(root, 'whole.ndjson'), 'utf8')),
    )

    expect(await run('state import spoilt.ndjson --env staging')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_IMPORT_FILE'),
    })
    expect(await run('run --env staging')).toMatchObject({ code: 9 })
    expect((await run('state reset --yes --env staging')).code).toBe(0)
    expect((await run('state import whole.ndjson --env staging')).code).toBe(0)
  })

  it.each([
    ['another workspace', 'state import out.ndjson --env production', 'STATE_OTHER_WORKSPACE'],
    ['no file', 'state import nothing.ndjson --env staging', 'USAGE_IMPORT_FILE'],
    ['a file of something else', 'state import data/a.ndjson --env staging', 'USAGE_IMPORT_FILE'],
  ])('makes nothing from %s', async (_, line, code) => {
    const { run, root } = project()
    await run('run')
    await run('state export out.ndjson')

    expect((await run(line)).err).toContain(code)
    expect(
      existsSync(
        join(
          root,
          '.engage-sync',
          line.includes('production') ? 'production' : 'staging',
          'state.sqlite',
        ),
      ),
    ).toBe(false)
  })
})

describe('state adopt', () => {
  it('takes what a run would send as sent, sends nothing, and says so in the history', async () => {
    const { run, write } = project()

    const adopted = await run('state adopt --yes')
    expect(adopted).toMatchObject({ code: 0, err: '' })
    expect(adopted.out).toBe(
      'Took 3 attributes, 2 events, 2 memberships of 2 users as already sent. Nothing was sent.\n',
    )

    expect((await report(run, 'run --reread')).braze.requests).toBe(0)
    write('data/b.ndjson', traitLine('ada', 'lifetime_value', 99, 5))
    expect((await report(run)).braze).toMatchObject({ attributes: 1, events: 1 })
    expect((await run('history')).out).toMatch(/1 +2026-11-23 12:00 .*state adopt/)
  })

  it('asks, and changes nothing unless it is told yes', async () => {
    const { run } = project()
    await run('state init')

    expect(await run('state adopt')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--yes'),
    })
    expect(await run('state adopt', { isTTY: true, stdin: 'no\n' })).toMatchObject({ code: 2 })
    expect((await report(run)).braze.attributes).toBe(3)
  })
})

describe('state forget', () => {
  it('erases a user from every file, and sends the user as new when there is news', async () => {
    const { run, directory, write } = project(
      TWO + traitLine('user-to-be-forgotten', 'last_product_viewed_item', 'x'.repeat(300)),
    )
    await run('run')
    const holds = () => namesIn(directory, 'user-to-be-forgotten')
    expect(holds()).toBe(true)

    const { code, out } = await run('state forget user-to-be-forgotten --yes')

    expect([code, out]).toEqual([0, 'Erased 1 row, 1 dead letter, 0 events without an answer.\n'])
    expect(holds()).toBe(false)
    expect((await run('state show')).out).toMatch(/ 2 {2}users +1 more forgotten$/m)
    expect((await run('state check')).code).toBe(0)
    write('data/b.ndjson', traitLine('user-to-be-forgotten', 'lifetime_value', 7, 9))
    expect((await report(run)).braze).toMatchObject({ attributes: 1, events: 1 })
  })

  it(
    'says when somebody keeps it from rewriting the files, which the next run does',
    { timeout: 30_000 },
    async () => {
      const { run, directory } = project(
        TWO + traitLine('user-to-be-forgotten', 'last_product_viewed_item', 'x'.repeat(300)),
      )
      await run('run')
      const reader = new DatabaseSync(join(directory, 'state.sqlite'), { readOnly: true })
      reader.exec('BEGIN; SELECT * FROM dead_letters')

      const forgotten = await run('state forget user-to-be-forgotten --yes')
      const warned = await run('doctor')
      reader.close()
      const next = await run('run')

      expect(forgotten).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^Erased 1 row, .*\nSomebody reads the state/),
      })
      expect(warned.out).toMatch(
        /! {2}erased +Users were erased, but files of the state may still hold them/,
      )
      expect(next.code).toBe(0)
      expect((await run('doctor')).out).not.toContain('erased')
      expect(namesIn(directory, 'user-to-be-forgotten')).toBe(false)
    },
  )

  it('does the same in PostgreSQL', async () => {
    const { run } = project()
    await run('state init --env database')
    await run('run --env database')

    expect((await run('state forget ada --yes --env database')).out).toContain('Erased 1 row')
    expect((await run('state forget ada --yes --env database')).out).toBe(
      'The state held nothing of this user.\n',
    )
  })

  it('is refused while a run holds the lease', async () => {
    const { run, directory } = project()
    await run('run')
    const { openSqlite } = await import('../../src/state/sqlite/open-sqlite.ts')
    const store = openSqlite({
      path: join(directory, 'state.sqlite'),
      environment: 'local',
      workspace: 'simulator',
      create: false,
      now: () => Date.UTC(2026, 10, 23, 12),
    })
    await store.acquireLease('a run', 60_000)
    await store.close()

    expect(await run('state forget ada --yes')).toMatchObject({
      code: 8,
      err: expect.stringContaining('a run'),
    })
    expect(await run('state reset --yes')).toMatchObject({ code: 8 })
    expect(await run('state unlock --yes')).toMatchObject({
      code: 0,
      out: 'Ended the lease of a run.\n',
    })
    expect(await run('state unlock')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Nobody'),
    })
    expect((await run('state forget ada --yes')).code).toBe(0)
  })
})

describe('state check', () => {
  it('finds a sound state sound', async () => {
    const { run } = project()
    await run('run')

    expect(await run('state check')).toMatchObject({
      code: 0,
      out: '✓ The state is sound: 2 users, every row and record readable.\n',
    })
  })

  it('says what is damaged, and reset removes it', async () => {
    const { run, directory } = project()
    await run('run')
    const path = join(directory, 'state.sqlite')
    const file = new DatabaseSync(path)
    file.exec(`UPDATE deltas SET checksum = 0; UPDATE mappings SET record = '{'`)
    file.close()

    const damaged = await run('state check')

    expect(damaged.code).toBe(9)
    expect(damaged.out).toMatch(
      /a delta of the rows of partition \d+ is not as it was written there/,
    )
    expect(damaged.out).toContain('of its mappings')
    expect(await run('run')).toMatchObject({
      code: 9,
      err: expect.stringMatching(/STATE_UNREADABLE[^]*Copy it away as it is/),
    })
    writeFileSync(path, 'no database')
    expect((await run('state check')).err).toContain('STATE_UNREADABLE')
    expect(await run('state reset --yes')).toMatchObject({
      code: 0,
      out: 'Removed the state of local.\n',
    })
    expect((await run('run')).code).toBe(0)
  })
})

describe('a state of which a record is missing', () => {
  it.each(['values', 'positions', 'mappings', 'runs', 'checksums', 'lease'])(
    'is worked on by nobody, and sends nothing again: %s',
    async (table) => {
      const { run, directory } = project()
      await run('run')
      const file = new DatabaseSync(join(directory, 'state.sqlite'))
      file.exec(`DELETE FROM "${table}"`)
      file.close()

      const codes = []
      for (const command of ['run', 'plan', 'state export x.ndjson', 'state check', 'doctor'])
        codes.push((await run(command)).code)

      expect(codes).toEqual([9, table === 'lease' ? 0 : 9, 9, 9, 9])
      expect((await run('state reset --yes')).code).toBe(0)
    },
  )
})

describe('state reset', () => {
  it('removes the state and what the simulator holds, so that everything is sent again', async () => {
    const { run, directory } = project()
    const first = await report(run)

    expect(await run('state reset')).toMatchObject({ code: 2 })
    expect((await run('state reset --yes')).code).toBe(0)

    expect(readdirSync(directory)).toEqual([])
    expect((await report(run)).braze).toEqual(first.braze)
    expect((await run('state reset --yes')).out).toBe('Removed the state of local.\n')
    expect((await run('state reset --yes')).out).toBe('There was no state of local.\n')
  })

  it('asks a person at a terminal', async () => {
    const { run } = project()
    await run('run')

    const asked = await run('state reset', { isTTY: true, stdin: 'yes\n' })

    expect(asked.code).toBe(0)
    expect(asked.err).toContain('Type yes to go on')
  })

  it('removes the tables from PostgreSQL, and nothing else', async () => {
    const { run } = project()
    await run('state init --env database')
    await run('run --env database')

    expect((await run('state reset --yes --env database')).out).toBe(
      'Removed the state of database.\n',
    )
    expect((await run('state show --env database')).code).toBe(9)
    expect((await run('state init --env database')).code).toBe(0)
  })
})

describe('state', () => {
  it('lists what there is, and guesses what was meant', async () => {
    const { run } = project()

    const help = await run('state --help')
    expect(help.code).toBe(0)
    for (const name of [
      'show',
      'init',
      'check',
      'export',
      'import',
      'adopt',
      'forget',
      'unlock',
      'reset',
    ])
      expect(help.out).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(await run('state')).toMatchObject({ code: 2 })
    expect(await run('state shwo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Did you mean show?'),
    })
    expect((await run('state forget --help')).out).toContain('external id as Braze knows it')
  })
})
