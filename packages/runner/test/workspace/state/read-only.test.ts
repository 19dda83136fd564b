import { spawnSync } from 'node:child_process'
import { chmodSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { sampled, startPostgres } from '@engage-sync/testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../../project.ts'
import { PROGRAM } from '../../program.ts'
import { runCommand } from '../../run-command.ts'

const DATA = [
  traitLine('u1', 'lifetime_value', 7),
  audienceLine('u2', 'dormant_shopper', true),
].join('')
const READING = [
  ['history'],
  ['history', '1'],
  ['explain', 'u1'],
  ['report'],
  ['dead-letters'],
  ['state', 'show'],
  ['state', 'check'],
]

const isRoot = process.getuid?.() === 0
const canLoseRights = !isRoot || spawnSync('setpriv', ['--version']).status === 0

/** Runs the program as somebody who may read what he finds, and write nothing. */
function asReader(root: string, argv: readonly string[]): { code: number | null; said: string } {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const [command, ...rest] = [...(isRoot ? nobody : []), ...PROGRAM, ...argv]
  const { status, stdout, stderr } = spawnSync(command!, rest, { cwd: root, encoding: 'utf8' })
  return { code: status, said: stdout + stderr }
}

/** A project that ran once, in which nothing may be written any more. */
async function readOnlyProject(): Promise<{ readonly root: string; readonly directory: string }> {
  const { root } = makeProject({ 'data/1.ndjson': DATA })
  expect((await runCommand(['run'], { cwd: root })).code).toBe(0)
  const home = join(root, '.engage-sync')
  const directory = join(home, 'local')
  for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o444)
  for (const path of [root, home, directory]) chmodSync(path, 0o555)
  onTestFinished(() => {
    for (const path of [root, home, directory]) chmodSync(path, 0o755)
  })
  return { root, directory }
}

describe.skipIf(!canLoseRights)('a state in a file that may only be read', () => {
  it('is read by all that only read', { timeout: 60_000 }, async () => {
    const { root, directory } = await readOnlyProject()
    const before = readdirSync(directory)

    const failed = sampled('readers', READING, 3)
      .map((argv) => ({ argv, ...asReader(root, argv) }))
      .filter(({ code }) => code !== 0)

    expect(failed).toEqual([])
    expect(readdirSync(directory)).toEqual(before)
  })

  it.each([[['run']], [['plan']], [['doctor']]])(
    'is named, with its path, by what has to write: %s',
    { timeout: 60_000 },
    async (argv) => {
      const { root, directory } = await readOnlyProject()

      const { code, said } = asReader(root, argv)

      expect(code).toBe(9)
      expect(said).toContain(`${directory}`)
      expect(said).toContain('cannot be written to')
      expect(said).not.toMatch(/INTERNAL|\bat .*:\d+:\d+/)
    },
  )
})

describe.skipIf(!canLoseRights)('a state in a directory that nobody else may enter', () => {
  it('is not said to be one that may only be read', { timeout: 60_000 }, async () => {
    const { root, directory } = await readOnlyProject()
    chmodSync(directory, 0o700)

    const { code, said } = asReader(root, ['history'])

    expect(code).toBe(9)
    expect(said).toContain(`${join(directory, 'state.sqlite')} cannot be opened`)
  })
})

describe('a state in PostgreSQL of which the role may only read', () => {
  it('is read by all that only read, and refused by a run', { timeout: 60_000 }, async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const configuration = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: 'data/*.ndjson' } }
    state: { url: '\${DATABASE_URL}' }
`
    const files = { 'configs/engage-sync.yaml': configuration, 'data/1.ndjson': DATA }
    const { root, write } = makeProject(files)
    const as = (url: string) => (argv: readonly string[]) =>
      runCommand(argv, { cwd: root, env: { DATABASE_URL: url } })
    expect((await as(server.url)(['run'])).code).toBe(0)
    const { default: pg } = await import('pg')
    const admin = new pg.Client({ connectionString: server.url })
    await admin.connect()
    await admin.query(`CREATE ROLE looker LOGIN PASSWORD 'looker';
      GRANT USAGE ON SCHEMA engage_sync TO looker;
      GRANT SELECT ON ALL TABLES IN SCHEMA engage_sync TO looker`)
    await admin.end()
    write('data/2.ndjson', traitLine('u3', 'lifetime_value', 9))
    const looking = as(server.url.replace(/\/\/postgres:[^@]+@/, '//looker:looker@'))

    const codes = []
    for (const argv of [...READING, ['plan']]) codes.push((await looking(argv)).code)
    const run = await looking(['run'])

    expect(codes).toEqual([...READING, ['plan']].map(() => 0))
    expect(run).toMatchObject({ code: 9, err: expect.stringMatching(/STATE_READ_ONLY[^]*grants/) })
    expect((await looking(['doctor'])).code).toBe(9)
    expect((await as(server.url)(['run'])).code).toBe(0)
  })
})
