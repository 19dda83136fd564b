import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

function project() {
  const { root, write } = makeProject({
    'data/a.ndjson': traitLine('ada', 'lifetime_value', 12) + 'not json\n',
  })
  const env = { USER: 'grace', GITHUB_SHA: '0123456789abcdef' }
  return { write, run: (line: string) => runCommand(line.split(' '), { cwd: root, env }) }
}

describe('history', () => {
  it('lists runs, newest first: who, from what, with which outcome', async () => {
    const { run, write } = project()
    await run('run')
    write('data/b.ndjson', traitLine('ada', 'lifetime_value', 13, 5))
    await run('run')

    const { code, out } = await run('history')

    expect(code).toBe(0)
    const [head, second, first] = out.split('\n')
    expect(head).toMatch(/^run +started \(UTC\) +took +by +commit +status +read +changed/)
    expect(second).toMatch(
      /^ +2 +2026-11-23 12:00 .* grace +01234567 +done +1 +1 +1 +1 +0 +\d+ +0 +0$/,
    )
    expect(first).toMatch(
      /^ +1 +2026-11-23 12:00 .* grace +01234567 +partial +2 +1 +1 +1 +0 +\d+ +1 +0$/,
    )
  })

  it('lists as many as asked for', async () => {
    const { run } = project()
    for (let count = 0; count < 3; count++) await run('run')

    expect((await run('history --limit 2')).out.trim().split('\n')).toHaveLength(3)
    expect(await run('history --limit two')).toMatchObject({ code: 2 })
  })

  it('shows one run whole', async () => {
    const { run } = project()
    await run('run')

    const { out } = await run('history 1')

    expect(out).toMatch(/^run 1$/m)
    expect(out).toMatch(/^ +git commit +0123456789abcdef$/m)
    expect(out).toMatch(/^ +status +partial {2}finished, but something was refused/m)
    expect(out).toMatch(/ 2 {2}records read/)
    expect(await run('history 7')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_RUN'),
    })
  })

  it('gives both as data', async () => {
    const { run } = project()
    await run('run')

    const all = JSON.parse((await run('history --format json')).out) as {
      version: number
      runs: Record<string, unknown>[]
    }
    const one = JSON.parse((await run('history 1 --format json')).out) as Record<string, unknown>

    expect(all).toMatchObject({
      version: 1,
      runs: [{ run: 1, actor: 'grace', status: 'partial', report: { records: { read: 2 } } }],
    })
    expect(one).toEqual({ version: 1, ...all.runs[0] })
  })

  it('is empty before the first run', async () => {
    const { run } = project()
    await run('state init')

    expect(await run('history')).toMatchObject({ code: 0, out: 'No run yet.\n' })
  })
})
