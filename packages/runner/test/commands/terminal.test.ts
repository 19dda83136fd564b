import { describe, expect, it } from 'vitest'
import { progressLine } from '../../src/output/report/progress.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const GOOD = traitLine('ada', 'lifetime_value', 7) + traitLine('bob', 'lifetime_value', 8, 1)

function projectFile(...environments: readonly string[]): string {
  const each = environments.map(
    (name) =>
      `  ${name}: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }\n`,
  )
  return `version: 1\nenvironments:\n${each.join('')}`
}

function project(...environments: readonly string[]) {
  const { root } = makeProject({
    'configs/engage-sync.yaml': projectFile(...environments),
    'data/a.ndjson': GOOD,
  })
  const run = (line: string, more: Parameters<typeof runCommand>[1] = {}) =>
    runCommand(line.split(' '), { cwd: root, ...more })
  return { run }
}

describe('without --env', () => {
  it('it is the only environment there is', async () => {
    const { run } = project('stg')

    expect((await run('state init')).out).toContain('Made a state for stg')
    expect((await run('run')).out).toContain('run 1 · stg · shoppers · done')
    expect(JSON.parse((await run('doctor --format json')).out)).toMatchObject({
      environment: 'stg',
    })
  })

  it('it is local where there are several', async () => {
    const { run } = project('local', 'stg')

    expect((await run('run')).out).toContain('run 1 · local ·')
  })

  it('those there are are told where none of them is local', async () => {
    const { run } = project('stg', 'production')

    const { code, err } = await run('run')

    expect(code).toBe(2)
    expect(err).toContain('--env stg, --env production')
  })

  it('mistakes that were all shown are not to be asked for again', async () => {
    const { run } = project('stg')

    const { code, err } = await run('run --env prod')

    expect(code).toBe(2)
    expect(err).toContain('Known: stg.')
    expect(err).not.toContain('engage-sync validate')
  })
})

describe('--quiet', () => {
  it('says nothing where all went well', async () => {
    const { run } = project('local')

    expect(await run('run --quiet', { isTTY: true })).toEqual({ code: 0, out: '', err: '' })
  })

  it('still says what went wrong', async () => {
    const { run } = project('local')

    const { code, err } = await run('run --quiet --select nothing')

    expect(code).toBe(2)
    expect(err).toContain('SELECT_UNKNOWN')
  })
})

describe('--log-format json', () => {
  const linesOf = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)

  it('makes every line of standard error one object, with what the run does', async () => {
    const { run } = project('local')

    const { err, out } = await run('run --log-format json')

    const events = linesOf(err).map(({ event }) => event)
    expect(events).toEqual(
      expect.arrayContaining(['started', 'read', 'planned', 'sent', 'finished']),
    )
    expect(linesOf(err)[0]).toMatchObject({
      time: '2026-11-23T12:00:00.000Z',
      level: 'info',
      run: 1,
    })
    expect(out).toContain('records read')
  })

  it.each([
    ['run --select nothing --log-format json', 'SELECT_UNKNOWN'],
    ['run --log-format=json --only nobody-such', 'USAGE_ONLY'],
  ])('tells the cause of %s, too', async (line, code) => {
    const { run } = project('local')

    expect(linesOf((await run(line)).err).at(-1)).toMatchObject({
      level: 'error',
      code,
      message: expect.any(String),
      hint: expect.any(String),
    })
  })

  it('holds for a command line that is wrong', async () => {
    const { run } = project('local')

    const { code, err } = await run('run --nonsense --log-format json')

    expect(code).toBe(2)
    expect(linesOf(err)[0]).toMatchObject({
      level: 'error',
      message: expect.stringContaining('--nonsense'),
    })
  })
})

describe('--only', () => {
  it('a user nobody knows is an error, of a run and of a plan', async () => {
    const { run } = project('local')

    const [asRun, asPlan] = [
      await run('run --only nobody-such'),
      await run('plan --only nobody-such'),
    ]

    for (const { code, err } of [asRun, asPlan]) {
      expect(code).toBe(2)
      expect(err).toContain('USAGE_ONLY')
      expect(err).not.toContain('nobody-such')
    }
  })

  it('a known user of whom nothing is new is none', async () => {
    const { run } = project('local')
    await run('run')

    const { code, out } = await run('run --only ada')

    expect(code).toBe(0)
    expect(out).toContain('nothing new to send')
  })
})

describe('progress', () => {
  const sending = {
    phase: 'sending',
    records: 264_075,
    requests: 700,
    dataPoints: 60_000,
    sending: { changes: 40_000, of: 100_000 },
  }

  it('has a share and the time left while it sends', () => {
    expect(progressLine(sending, { inAll: 50, sending: 40 })).toBe(
      'sending  40% of 100,000 changes · 700 requests · 60,000 data points · 1 min 0 s left · 50 s',
    )
  })

  it('guesses no time from nothing', () => {
    const begun = { ...sending, sending: { changes: 100, of: 100_000 } }

    expect(progressLine(begun, { inAll: 11, sending: 1 })).not.toContain('left')
  })
})

describe('a plan that several guards would stop', () => {
  it('names one command that lets all of them pass', async () => {
    const { root, write } = makeProject({
      'configs/engage-sync.yaml': `${projectFile('local')}guards: { max_data_points: 1, max_removals: 10%, min_removals: 0 }\n`,
      'data/a.ndjson': audienceLine('ada', 'dormant_shopper', true),
    })
    await runCommand(['run', '--allow', 'data_points=9'], { cwd: root })
    write('data/b.ndjson', audienceLine('ada', 'dormant_shopper', false, 1))

    const { out } = await runCommand(['--configs', 'configs', 'plan'], { cwd: root })

    expect(out).toContain('A run would be stopped by 2 guards')
    expect(out).toMatch(
      /^ {4}engage-sync --configs configs plan --out plan\.json --allow \S+ --allow \S+$/m,
    )
  })
})
