import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../src/commands/table.ts'
import { main } from '../src/main.ts'
import { fakeIo } from './fake-io.ts'
import { tempDirectory } from './temp-directory.ts'

async function run(...argv: string[]) {
  const io = fakeIo()
  const code = await main(argv, io)
  return { code, out: io.out(), err: io.err() }
}

describe('main', () => {
  it('prints help and ends well when asked for it', async () => {
    const { code, out, err } = await run('--help')

    expect([code, err]).toEqual([0, ''])
    for (const { name, summary } of COMMANDS)
      expect(out).toMatch(new RegExp(`^  ${name} .* ${summary}$`, 'm'))
  })

  it('prints help to standard error when no command is named', async () => {
    const { code, out, err } = await run()

    expect([code, out]).toEqual([2, ''])
    expect(err).toContain('Usage: engage-sync')
  })

  it.each([
    [['schemo'], 'Did you mean schema?'],
    [['--confgs', 'x', 'schema'], 'Did you mean --configs?'],
    [['schema', '--ot', 'x'], 'Did you mean --out?'],
  ])('guesses what %j meant', async (argv, guess) => {
    const { code, out, err } = await run(...argv)

    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(guess)
  })

  it('lists the choices of an argument that has them', async () => {
    const { code, err } = await run('schema', 'projct')

    expect(code).toBe(2)
    expect(err).toContain('project, sync, cases')
  })

  it('refuses more arguments than a command takes', async () => {
    expect((await run('schema', 'sync', 'cases')).code).toBe(2)
  })

  it('reads `help NAME` as `NAME --help`', async () => {
    expect((await run('help', 'schema')).out).toBe((await run('schema', '--help')).out)
  })

  it('prints the version of the package', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  it.each(COMMANDS.map(({ name }) => name))('prints help for %s', async (name) => {
    const { code, out } = await run(name, '--help')

    expect(code).toBe(0)
    expect(out).toMatchSnapshot()
  })

  it('takes global options before and after the command', async () => {
    expect((await run('--env', 'local', 'schema')).code).toBe(0)
    expect((await run('schema', '--env', 'local')).code).toBe(0)
  })
})

describe('the table of commands', () => {
  it('has one file for each command, and no file without one', () => {
    const files = readdirSync(new URL('../src/commands/', import.meta.url))
      .filter((name) => name.endsWith('.ts') && name !== 'table.ts')
      .map((name) => name.slice(0, -3))

    expect(COMMANDS.map(({ name }) => name).toSorted()).toEqual(files.toSorted())
  })
})

describe('the README', () => {
  it('lists every command', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
    const listed = [...readme.matchAll(/^\| `([a-z-]+)` +\| .* \| (?:human|json|html)/gm)].map(
      ([, name]) => name,
    )

    expect(listed.toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted())
  })
})

/** Runs the real program and says which of its modules a pattern finds. */
function modulesOf(
  argv: readonly string[],
  { cwd, pattern }: { readonly cwd: string; readonly pattern: RegExp },
) {
  const script = `
    import { registerHooks } from 'node:module'
    registerHooks({ load(url, context, next) {
      if (${String(pattern)}.test(url)) process.stderr.write('loaded ' + url + '\\n')
      return next(url, context)
    } })
    process.argv = ${JSON.stringify(['node', 'engage-sync', ...argv])}
    await import(${JSON.stringify(new URL('../src/bin.ts', import.meta.url).href)})`
  const child = spawnSync(
    process.execPath,
    ['--conditions=engage-sync-source', '--input-type=module', '-e', script],
    {
      cwd,
      encoding: 'utf8',
    },
  )
  return { loaded: child.stderr, status: child.status }
}

describe('the program', () => {
  it('loads no command to print its help', () => {
    const found = modulesOf(['--help'], {
      cwd: tempDirectory({}),
      pattern: /commands\/(?!table)[a-z-]+\.ts$/,
    })

    expect(found).toEqual({ loaded: '', status: 0 })
  })
})
