import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { Simulator } from '@engage-sync/braze-simulator'
import type { Report } from '@engage-sync/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openEnvironment } from '../../src/workspace/environment/open-environment.ts'
import { openState } from '../../src/workspace/state/open-state.ts'
import { fakeIo } from '../fake-io.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import type { TestProject } from '../project.ts'
import { runCommand } from '../run-command.ts'

const GOOD =
  traitLine('ada', 'last_product_viewed_item', 'Sweater') +
  audienceLine('ada', 'dormant_shopper', true)
const MEMBERS = Array.from({ length: 120 }, (_, user) =>
  audienceLine(`user-${user}`, 'dormant_shopper', true),
).join('')
const LEAVE = Array.from({ length: 120 }, (_, user) =>
  audienceLine(`user-${user}`, 'dormant_shopper', false, 9),
).join('')
const KEYS = 'partner: simulator, partner_api_key: "${KEY}", data_import_key: "${KEY}"'

function projectFile(endpoint: string, environment = 'local'): string {
  return `version: 1
environments:
  ${environment}:
    braze: { endpoint: "${endpoint}", api_key: "\${KEY}", settle: 0s, cohorts: { ${KEYS} } }
    sources: { engage: { events: data/*.ndjson } }
`
}

/** A project at night: a Braze of its own, and what can be done to it. */
interface Night {
  readonly simulator: Simulator
  readonly project: TestProject
  readonly run: (line: string, signal?: AbortSignal) => ReturnType<typeof runCommand>
}

async function night(environment = 'local'): Promise<Night> {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const project = makeProject({
    'configs/engage-sync.yaml': projectFile(simulator.url, environment),
    'data/a.ndjson': GOOD,
  })
  const run = (line: string, signal?: AbortSignal) =>
    runCommand([...line.split(' '), '--env', environment], {
      cwd: project.root,
      env: { KEY: 'simulator' },
      ...(signal && { signal }),
    })
  return { simulator, project, run }
}

/** An event of the night. */
interface Row {
  /** Brings it about; may give other words than `run`, and another signal. */
  readonly happen: (night: Night) => unknown
  readonly exit: number
  readonly code: string
  readonly status: Report['status']
  /** What whoever is on call is told to do. */
  readonly step: RegExp
  /** Default `run`. */
  readonly line?: string
  readonly signal?: AbortSignal
  readonly environment?: string
  /** False: the run never came to a number of its own. */
  readonly isInHistory?: boolean
}

const ROWS: Readonly<Record<string, Row>> = {
  'Braze asks to wait for hours': {
    happen: ({ simulator }) =>
      simulator.addFault({ kind: 'status', status: 429, retry_after: 7200, next: 99 }),
    exit: 3,
    code: 'DESTINATION_UNAVAILABLE',
    status: 'failed',
    step: /run again: what was delivered is not sent again/,
  },
  'the key is refused': {
    happen: ({ simulator }) => simulator.addFault({ kind: 'status', status: 401, next: 99 }),
    exit: 4,
    code: 'DESTINATION_AUTH',
    status: 'failed',
    step: /Check the API key/,
  },
  'the key lacks a permission': {
    happen: ({ simulator }) => simulator.addFault({ kind: 'status', status: 403, next: 99 }),
    exit: 4,
    code: 'DESTINATION_AUTH',
    status: 'failed',
    step: /permission of \/users\/track/,
  },
  'the cohort keys are refused': {
    happen: ({ simulator }) =>
      simulator.addFault({ kind: 'status', status: 401, path: '/partners/*', next: 99 }),
    exit: 4,
    code: 'DESTINATION_AUTH',
    status: 'failed',
    step: /Data Import Key/,
  },
  'Braze answers nonsense': {
    happen: ({ simulator }) => simulator.addFault({ kind: 'garbage', next: 99 }),
    exit: 3,
    code: 'BRAZE_ANSWER',
    status: 'failed',
    step: /proxy|endpoint/,
  },
  'a guard stops it': {
    happen: async ({ project, run }) => {
      project.write('data/b.ndjson', MEMBERS)
      await run('run')
      project.write('data/c.ndjson', LEAVE)
    },
    exit: 5,
    code: 'GUARD_STOPPED',
    status: 'stopped',
    step: /--allow removals=shoppers:audiences\.dormant_shopper/,
  },
  'the source is gone': {
    happen: async ({ project, run }) => {
      await run('run')
      rmSync(join(project.root, 'data'), { recursive: true })
    },
    exit: 2,
    code: 'SOURCE_NOT_FOUND',
    status: 'failed',
    step: /held records before\. Look whether files were moved/,
  },
  'the plan is stale': {
    happen: async ({ project, run }) => {
      await run('plan --out plan.json')
      project.write(
        'configs/shoppers.yaml',
        `${readFileSync(join(project.root, 'configs/shoppers.yaml'), 'utf8')}tags: [new]\n`,
      )
      project.write('data/a.ndjson', GOOD.replace('Sweater', 'Mug'))
    },
    line: 'run --plan plan.json',
    exit: 7,
    code: 'PLAN_STALE',
    status: 'failed',
    step: /plan/i,
  },
  'the state is lost': {
    happen: () => undefined,
    environment: 'staging',
    exit: 9,
    code: 'STATE_NOT_INITIALISED',
    status: 'failed',
    step: /restore a backup/,
    isInHistory: false,
  },
  'the state is no SQLite': {
    happen: async ({ project, run }) => {
      await run('run')
      writeFileSync(join(project.root, '.engage-sync/local/state.sqlite'), 'x'.repeat(8192))
    },
    exit: 9,
    code: 'STATE_UNREADABLE',
    status: 'failed',
    step: /./,
    isInHistory: false,
  },
  'another run is at work': {
    happen: async ({ project, run }) => {
      await run('run')
      const io = fakeIo({ cwd: project.root, env: { KEY: 'simulator' } })
      const { environment } = openEnvironment(io, { configs: 'configs', env: 'local' })
      const store = await openState({ environment, root: project.root, create: 'never' })
      await store.acquireLease('somebody', 60_000)
      onTestFinished(() => store.close())
    },
    exit: 8,
    code: 'STATE_LEASE_HELD',
    status: 'failed',
    step: /--wait/,
    isInHistory: false,
  },
  'somebody stops it': {
    happen: () => undefined,
    signal: AbortSignal.abort(new DOMException('Stopped by SIGINT', 'AbortError')),
    exit: 130,
    code: 'INTERRUPTED',
    status: 'interrupted',
    step: /goes on where this one stopped/,
  },
}

describe.each(Object.entries(ROWS))('at night, %s', (_, row) => {
  const { exit, code, status, step, line = 'run', signal, environment, isInHistory = true } = row

  it('and every output says the same cause and the next step', async () => {
    const it = await night(environment)
    await row.happen(it)
    const ran = async (format: string) => it.run(`${line} --format ${format}`, signal)

    const [human, json, markdown, github] = [
      await ran('human'),
      await ran('json'),
      await ran('markdown'),
      await ran('github'),
    ]

    expect([human.code, json.code, markdown.code, github.code]).toEqual([exit, exit, exit, exit])
    for (const { err } of [human, json, markdown, github]) expect(err).toMatch(step)
    expect(human.err).toContain(status === 'stopped' ? 'Stopped by a guard' : code)
    expect(human.out).not.toMatch(/ done/)
    const told = JSON.parse(json.out) as Pick<Report, 'status' | 'error'>
    expect(told).toMatchObject({
      status,
      error: { code, message: expect.any(String), hint: expect.any(String) },
    })
    expect(markdown.out.replaceAll('\\', '')).toContain(code)
    expect(github.out).toMatch(
      new RegExp(`^::${status === 'interrupted' ? 'notice' : 'error'} .*title=${code}`, 'm'),
    )
    if (isInHistory) await expectRemembered(it, { code, status, told })
  })
})

it('a plan that somebody stops says that nothing was sent, in every output', async () => {
  const { run } = await night()
  const stopped = AbortSignal.abort(new DOMException('Stopped by SIGINT', 'AbortError'))

  const [human, json] = [await run('plan', stopped), await run('plan --format json', stopped)]

  expect(human).toMatchObject({
    code: 130,
    err: expect.stringMatching(/INTERRUPTED.*nothing was sent/),
  })
  expect(human.err).not.toContain('goes on where')
  expect(JSON.parse(json.out)).toMatchObject({
    error: { code: 'INTERRUPTED', message: expect.stringContaining('nothing was sent') },
  })
})

async function expectRemembered(
  { run }: Night,
  {
    code,
    status,
    told,
  }: { readonly code: string; readonly status: string; readonly told: Pick<Report, 'error'> },
): Promise<void> {
  const history = JSON.parse((await run('history --format json')).out) as {
    runs: { run: number; status: string; error: Report['error'] }[]
  }
  const [last] = history.runs
  const [one, page] = [await run(`history ${last.run}`), await run(`report ${last.run}`)]

  expect(last).toMatchObject({ status, error: { ...told.error, message: expect.any(String) } })
  expect(one.out).toContain(code)
  expect(page.out).toContain(code)
}

it('values that are rejected end a run with 1, and no cause but their reasons', async () => {
  const { project, run } = await night()
  project.write('data/a.ndjson', GOOD + traitLine('bob', 'lifetime_value', 'high'))

  const { code, out } = await run('run --format json')

  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    status: 'partial',
    error: null,
    guards: [],
    reasons: [{ code: 'CAST_NUMBER' }],
  })
})

it('counts the requests that were refused', async () => {
  const { simulator, run } = await night()
  simulator.addFault({ kind: 'status', status: 403, next: 99 })

  const { out } = await run('run --format json')

  expect((JSON.parse(out) as Report).braze.requests).toBe(1)
})

it('delivers attributes and events though cohort keys are refused, and goes on once they are right', async () => {
  const { simulator, run } = await night()
  simulator.addFault({ kind: 'status', status: 401, path: '/partners/*', next: 99 })
  const refused = JSON.parse((await run('run --format json')).out) as Report
  simulator.clearFaults()

  const after = JSON.parse((await run('run --format json')).out) as Report

  expect(refused.braze).toMatchObject({ attributes: 2, cohort_adds: 0 })
  expect(refused.error?.place).toMatch(/^\/partners\//)
  expect(after).toMatchObject({ status: 'done', braze: { cohort_adds: 2 } })
})

describe('annotations', () => {
  it('of a plan stand where the mapping is, as those of a run do', async () => {
    const { project, run } = await night()
    project.write('data/b.ndjson', MEMBERS)
    await run('run')
    project.write('data/c.ndjson', LEAVE + traitLine('bob', 'lifetime_value', 'high'))

    const outs = [await run('plan --format github'), await run('run --format github')]

    for (const { out } of outs) {
      expect(out).toMatch(/^::error file=configs\/shoppers\.yaml,line=8,.*title=GUARD_STOPPED::/m)
      expect(out).toMatch(/^::warning file=configs\/shoppers\.yaml,line=6,.*title=CAST_NUMBER::/m)
    }
  })
})
