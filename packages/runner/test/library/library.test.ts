import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { plan, run, validate } from '../../src/index.ts'
import type { EngineEvent } from '../../src/index.ts'
import { gitIn } from '../git.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'

function lines(): string {
  return (
    traitLine('u1', 'lifetime_value', 12) +
    audienceLine('u1', 'dormant_shopper', true, 1) +
    traitLine('u2', 'lifetime_value', 7, 2)
  )
}

describe('the runner as a library', () => {
  it('plans, runs, and has nothing left to do', async () => {
    const { root: directory } = makeProject({ 'data/a.ndjson': lines() })

    const planned = await plan({ directory })
    const first = await run({ directory })
    const again = await run({ directory })

    expect(planned.users).toMatchObject({ seen: 2, changed: 2 })
    expect(first).toMatchObject({
      guards: [],
      error: null,
      report: { status: 'done', braze: { attributes: 3 } },
    })
    expect(again.report.braze).toMatchObject({ attributes: 0, requests: 0 })
  })

  it('compares a plan with the configuration of a commit', async () => {
    const { root: directory, write } = makeProject({ 'data/a.ndjson': lines() })
    const git = gitIn(directory)
    for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
    await run({ directory })
    write(
      'configs/shoppers.yaml',
      readFileSync(join(directory, 'configs/shoppers.yaml'), 'utf8').replace(': ltv', ': clv'),
    )

    const { base } = await plan({ directory, base: 'HEAD' })

    expect(base).toMatchObject({ ref: 'HEAD', effect: { users: 2 }, waiting: { users: 0 } })
    await expect(plan({ directory, base: 'no-such' })).rejects.toMatchObject({ code: 'SELECT_GIT' })
  })

  it('only reads the state when it plans: one of an older format stays as it is', async () => {
    const fixture = join(import.meta.dirname, '../fixtures/state-format-1')
    const { root: directory } = makeProject()
    rmSync(join(directory, 'configs'), { recursive: true })
    for (const part of ['configs', 'data'])
      cpSync(join(fixture, part), join(directory, part), { recursive: true })
    const state = join(directory, '.engage-sync/local/state.sqlite')
    mkdirSync(join(directory, '.engage-sync/local'), { recursive: true })
    cpSync(join(fixture, 'settled.sqlite'), state)
    const before = readFileSync(state)

    await plan({ directory })

    expect(readFileSync(state).equals(before)).toBe(true)
  })

  it('tells its steps to whoever observes it, and prints nothing', async () => {
    const { root: directory } = makeProject({ 'data/a.ndjson': lines() })
    const steps: EngineEvent['type'][] = []

    await run({ directory, observe: ({ type }) => steps.push(type) })

    expect(steps[0]).toBe('started')
    expect(steps.at(-1)).toBe('finished')
  })

  it('works on some users alone', async () => {
    const { root: directory } = makeProject({ 'data/a.ndjson': lines() })

    const { report } = await run({ directory, onlyUsers: ['u2'] })

    expect(report.users.changed).toBe(1)
  })

  it('takes secrets from what it is given, never from the process', async () => {
    const project = `version: 1\nenvironments: { production: { braze: { instance: US-03, api_key: "\${PATH}" }, sources: { engage: { events: data } } } }\n`
    const { root: directory } = makeProject({
      'configs/engage-sync.yaml': project,
      'configs/shoppers.yaml': 'version: 1\nsource: engage\ntraits: { plan: plan }\n',
    })

    await expect(plan({ directory, environment: 'production' })).rejects.toMatchObject({
      code: 'SECRET_MISSING',
    })
  })

  it('ends gently when it is told to', async () => {
    const { root: directory } = makeProject({ 'data/a.ndjson': lines() })

    await expect(run({ directory, signal: AbortSignal.abort() })).rejects.toThrow()
    await expect(run({ directory })).resolves.toMatchObject({ report: { status: 'done' } })
  })

  it('gives a stop of a guard as a value', async () => {
    const guards = 'guards: { max_data_points: 1 }\n'
    const project = `version: 1\nenvironments:\n  local: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }\n${guards}`
    const { root: directory } = makeProject({
      'configs/engage-sync.yaml': project,
      'data/a.ndjson': lines(),
    })

    const { report, guards: stops } = await run({ directory })

    expect(report.status).toBe('stopped')
    expect(stops.map(({ guard }) => guard)).toEqual(['data_points'])
  })

  it('validates without secrets, against all environments', () => {
    const { root: directory } = makeProject({
      'configs/shoppers.yaml': 'version: 1\nsource: engage\ntrait: {}\n',
    })

    const { isValid, diagnostics, environments } = validate({ directory })

    expect(isValid).toBe(false)
    expect(environments).toEqual(['local'])
    expect(diagnostics[0]).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', line: 3 })
  })

  it.each([
    ['an unknown option', { directory: '/', selekt: ['shoppers'] }, /no option selekt/],
    ['a relative directory', { directory: 'here' }, /absolute/],
    ['no directory', {}, /absolute/],
  ])('refuses %s', async (_, options, message) => {
    const given = options as Parameters<typeof plan>[0]

    await expect(plan(given)).rejects.toMatchObject({
      code: 'USAGE_OPTION',
      message: expect.stringMatching(message),
    })
    expect(() => validate(given)).toThrow(expect.objectContaining({ code: 'USAGE_OPTION' }))
  })
})
