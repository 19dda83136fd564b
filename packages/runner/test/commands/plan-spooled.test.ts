import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Report } from '@engage-sync/core'
import { startPostgres } from '@engage-sync/testkit'
import { createProfilesSyncTables } from '@engage-sync/segment/testing'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { PlanView } from '../../src/plan/view.ts'
import { gitIn } from '../git.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'
import type { FakeIoOptions } from '../fake-io.ts'

const projectOf = (source: string, more = '') =>
  `version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator }\n${more}    sources: { engage: ${source} }\n`

describe('a plan of standard input', () => {
  function project() {
    const { root } = makeProject({ 'configs/engage-sync.yaml': projectOf('{ events: "-" }') })
    const call = (argv: string, stdin = '') => runCommand(argv.split(' '), { cwd: root, stdin })
    return { call }
  }

  const FIRST = traitLine('ada', 'lifetime_value', 1) + traitLine('grace', 'lifetime_value', 2)
  const LATER = traitLine('mary', 'lifetime_value', 3)

  it('is run of what was kept of it, and what comes then is left to the next run', async () => {
    const { call } = project()
    const planned = JSON.parse(
      (await call('plan --out plan.json --format json', FIRST)).out,
    ) as PlanView

    const ran = await call('run --plan plan.json --format json', LATER)
    const next = await call('run --format json')

    const report = JSON.parse(ran.out) as Report
    expect(ran.code).toBe(0)
    expect(report.records.read).toBe(2)
    expect(report.braze.data_points).toBe(planned.braze.data_points)
    expect(report.reasons).toMatchObject([{ code: 'PLAN_NEWER_RECORDS', count: 1 }])
    expect((JSON.parse(next.out) as Report).users).toMatchObject({ created: 1 })
  })

  it('takes the same once more for nothing new', async () => {
    const { call } = project()
    await call('plan --out plan.json', FIRST)

    const ran = await call('run --plan plan.json', FIRST)
    const { braze } = JSON.parse((await call('run --format json')).out) as Report

    expect(ran.code).toBe(0)
    expect(braze).toMatchObject({ requests: 0, data_points: 0 })
  })

  it('compares with another configuration over the same records', async () => {
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': projectOf('{ events: "-" }'),
    })
    const git = gitIn(root)
    for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
    const call = (argv: string, stdin = '') => runCommand(argv.split(' '), { cwd: root, stdin })
    await call('run', FIRST)
    write(
      'configs/shoppers.yaml',
      'version: 1\nsource: engage\ntraits: { lifetime_value: { attribute: clv, type: number } }\n',
    )

    const { base, users } = JSON.parse(
      (await call('plan --base HEAD --format json', LATER)).out,
    ) as PlanView

    expect(users.changed).toBe(1)
    expect(base).toMatchObject({ effect: { users: 1, data_points: 1 }, prevented: 2 })
  })
})

describe('a plan of a warehouse', () => {
  it('is run though the warehouse went on, and not once a value of it is another one', async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const { default: pg } = await import('pg')
    const client = new pg.Client(server.url)
    await client.connect()
    onTestFinished(() => client.end())
    const tables = await createProfilesSyncTables((sql, values) => client.query(sql, values))
    const at = (hour: number) => `2026-01-05T0${hour}:00:00Z`
    const trait = (profile: string, value: string, hour: number) =>
      tables.addTraits([{ profile, name: 'lifetime_value', value, loadedAt: at(hour) }])
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': projectOf(
        '{ profiles_sync: { url: "${WAREHOUSE_URL}", schema: segment } }',
      ),
    })
    const io: FakeIoOptions = { cwd: root, env: { WAREHOUSE_URL: server.url } }
    const call = (argv: string) => runCommand(argv.split(' '), io)
    for (const profile of ['use_1', 'use_2']) {
      await tables.addIdentifiers([{ profile, type: 'user_id', value: profile, loadedAt: at(1) }])
      await trait(profile, '1', 1)
    }
    await call('plan --out first.json')
    await tables.addIdentifiers([
      { profile: 'use_3', type: 'user_id', value: 'use_3', loadedAt: at(2) },
    ])
    await trait('use_3', '3', 2)

    const ran = await call('run --plan first.json --format json')
    await call('plan --out second.json')
    await client.query("delete from segment.user_traits where value = '3'")
    await trait('use_3', '4', 2)
    const stale = await call('run --plan second.json')
    const next = await call('run --format json')

    // What the other configuration did not want is read as of its beginning.
    await tables.addTraits([{ profile: 'use_1', name: 'city', value: 'Ulm', loadedAt: at(1) }])
    const git = gitIn(root)
    for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
    const sync = readFileSync(join(root, 'configs/shoppers.yaml'), 'utf8')
    write('configs/shoppers.yaml', sync.replace('traits:\n', 'traits:\n  city: city\n'))
    const { base } = JSON.parse((await call('plan --base HEAD --format json')).out) as PlanView

    expect(base).toMatchObject({ effect: { users: 1, data_points: 1 }, waiting: { users: 0 } })
    expect(ran.code).toBe(0)
    expect((JSON.parse(ran.out) as Report).users).toMatchObject({ created: 2 })
    expect(stale.code).toBe(7)
    expect((JSON.parse(next.out) as Report).users).toMatchObject({ created: 1 })
  })
})
