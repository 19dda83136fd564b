import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openSqlite } from '../../src/state/sqlite.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

interface Checks {
  readonly checks: readonly { readonly name: string; readonly status: string; readonly hint: string | null; readonly exit_code: number }[]
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
  const run = (line: string, env: Record<string, string> = { BRAZE_API_KEY: 'the-key' }) => runCommand(line.split(' '), { cwd: root, env })
  const checks = async (line = 'doctor') => (JSON.parse((await run(`${line} --format json`)).out) as Checks).checks
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
  it('finds all well before the first run, and after it', async () => {
    const { run } = project()

    const before = await run('doctor')
    await run('run')
    const after = await run('doctor')

    expect(before).toMatchObject({ code: 0, err: '' })
    expect(before.out).toMatch(/✓ {2}state +None yet; the first run makes it/)
    expect(after).toMatchObject({ code: 0, err: '' })
    expect(after.out).toMatch(/✓ {2}endpoint +Braze answers/)
    expect(after.out).toMatch(/✓ {2}state +Sound, at/)
    expect(after.out).toMatch(/✓ {2}last run +Run 1, done/)
    expect(after.out).toMatch(/All is well\.\n$/)
  })

  it('gives the same as data', async () => {
    const { checks } = project()

    const found = await checks()

    expect(found.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['configuration', 'endpoint', 'clock', 'key', 'users.track', 'cohorts', 'state']),
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

  it('tells a damaged state, a held lease, open marks and dead letters', async () => {
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
    await store.commit({ epoch, openMarks: [{ id: '1:1', run: 1, intent: { events: [] } }] })
    await store.close()

    const { code, out } = await run('doctor')
    expect(code).toBe(0)
    expect(out).toMatch(/! {2}lease +Held by a run elsewhere for 20 s more/)
    expect(out).toMatch(/! {2}marks +1 request without a known outcome/)
    expect(out).toContain('2 things to know about')
    writeFileSync(state, 'no database at all')
    expect((await checks()).find(({ name }) => name === 'state')).toMatchObject({ status: 'failed', exit_code: 9 })
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
