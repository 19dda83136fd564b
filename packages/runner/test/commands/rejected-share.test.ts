import { describe, expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const ONE_TRAIT =
  'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits:\n  lifetime_value: { attribute: ltv, type: number }\n'

/** A hundred values, of which some are no number. */
function values(bad: number): string {
  const valueOf = (user: number) => (user < bad ? 'high' : user)
  const lines = Array.from({ length: 100 }, (_, user) =>
    traitLine(`user-${user}`, 'lifetime_value', valueOf(user)),
  )
  return lines.join('')
}

function project({ bad, guards = '' }: { readonly bad: number; readonly guards?: string }) {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data/*.ndjson } } }
${guards}`,
    'configs/shoppers.yaml': ONE_TRAIT,
    'data/a.ndjson': values(bad),
  })
  const run = (line: string) => runCommand(line.split(' '), { cwd: root })
  return { run, write }
}

describe('--fail-on rejected', () => {
  it.each([
    ['run', 2, 1],
    ['run --fail-on rejected=1%', 2, 1],
    ['run --fail-on rejected=2%', 2, 0],
    ['run --fail-on rejected=2', 2, 0],
    ['run --fail-on rejected=1', 2, 1],
    ['run --fail-on rejected=0%', 0, 0],
  ])('%s with %i of 100 rejected exits %i', async (line, bad, exit) => {
    const { run } = project({ bad })

    const { code, out } = await run(`${line} --format json`)

    expect(code).toBe(exit)
    expect(JSON.parse(out)).toMatchObject({
      status: bad === 0 ? 'done' : 'partial',
      rejected: { count: bad, of: 100 },
    })
  })

  it.each(['refused=1%', 'rejected=much', 'rejected'])('takes no %s', async (text) => {
    const { run } = project({ bad: 0 })

    expect(await run(`run --fail-on ${text}`)).toMatchObject({ code: 2 })
  })
})

describe('guards.max_rejected', () => {
  const guards = 'guards: { max_rejected: 5% }\n'

  it('stops nothing unless it is set', async () => {
    const { run } = project({ bad: 90 })

    expect((await run('run')).code).toBe(1)
  })

  it('stops a run in which more cannot be used, before anything is sent', async () => {
    const { run } = project({ bad: 20, guards })

    const plan = JSON.parse((await run('plan --format json')).out) as { guards: object[] }
    const { code, out, err } = await run('run --format json')

    expect(code).toBe(5)
    expect(plan.guards).toMatchObject([{ allow: 'rejected=20' }])
    expect(JSON.parse(out)).toMatchObject({
      status: 'stopped',
      braze: { requests: 0 },
      guards: [{ guard: 'rejected', planned: 20, limit: 5, allow: 'rejected=20' }],
    })
    expect(err).toContain('--allow rejected=20')
  })

  it('lets as many pass as are allowed, and no more', async () => {
    const { run, write } = project({ bad: 20, guards })

    const less = await run('run --allow rejected=19')
    const enough = await run('run --allow rejected=20')
    write('data/b.ndjson', values(30))

    expect([less.code, enough.code, (await run('run --reread')).code]).toEqual([5, 1, 5])
  })

  it('judges no run by a handful of values', async () => {
    const { run } = project({ bad: 10, guards })

    expect((await run('run')).code).toBe(1)
  })

  it('counts records that cannot be read', async () => {
    const { run, write } = project({ bad: 0, guards })
    write('data/b.ndjson', 'no json\n'.repeat(20))

    const { code, out } = await run('run --format json')

    expect(code).toBe(5)
    expect(JSON.parse(out)).toMatchObject({ guards: [{ planned: 20, limit: 6 }] })
  })
})
