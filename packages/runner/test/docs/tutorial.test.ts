import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { gitIn } from '../git.ts'
import { BASE_ENV } from '../live-program.ts'
import { PROGRAM } from '../program.ts'
import { tempDirectory } from '../temp-directory.ts'
import { ROOT } from './markdown.ts'

const run = promisify(execFile)

/** A block of the page, with the file that the words before it name. */
interface Step {
  readonly line: number
  readonly kind: string
  readonly exit: number
  readonly file: string
  readonly text: string
}

/*
 * Follows docs/tutorial.md as a reader does: every command in a shell, in order and in one project, each edit made, and
 * every line of output that is shown looked for in what was printed. Two things are played: `npx`, which starts this
 * checkout's program, and the installation, which would ask the registry.
 */
it('can be followed from the first command to the last', async () => {
  const home = tempDirectory({})
  const env = environment(home)
  let project = home
  let printed = ''
  for (const step of stepsOf(readFileSync(join(ROOT, 'docs/tutorial.md'), 'utf8'))) {
    const place = `docs/tutorial.md:${step.line}`
    if (step.kind === 'sh') {
      const { code, out, cwd } = await shell(step.text, { cwd: project, env })
      expect(code, `${place}\n${out}`).toBe(step.exit)
      project = cwd
      printed = out
    } else if (step.kind === 'text') {
      for (const line of shownLines(step.text)) expect(spaced(printed), place).toContain(line)
    } else edit(join(project, step.file), step, place)
  }

  expect(project).toMatch(/braze-sync$/)
  expect(gitIn(project)('ls-files')).not.toContain('node_modules')
  expect(readFileSync(join(project, 'run.html'), 'utf8')).toContain('<!doctype html>')
})

function stepsOf(page: string): readonly Step[] {
  const lines = page.split('\n')
  const steps: Step[] = []
  let file = ''
  for (let at = 0; at < lines.length; at++) {
    file = /`([\w./-]+\.yaml)`:$/.exec(lines[at]!)?.[1] ?? file
    const fence = /^```(\w+)(?: exit=(\d+))?$/.exec(lines[at]!)
    if (fence === null) continue
    const end = lines.indexOf('```', at)
    const text = `${lines.slice(at + 1, end).join('\n')}\n`
    steps.push({ line: at + 2, kind: fence[1]!, exit: Number(fence[2] ?? 0), file, text })
    at = end
  }
  return steps
}

/** One block in a shell that stops at the first command that fails; says where it ended. */
async function shell(
  script: string,
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<{ readonly code: number; readonly out: string; readonly cwd: string }> {
  const mark = 'the block ended in '
  const words = ['-e', '-c', `trap 'echo "${mark}$PWD"' EXIT\n${script}`]
  const { code, stdout } = await run('bash', words, { cwd, env, encoding: 'utf8' }).then(
    ({ stdout: printed }) => ({ code: 0, stdout: printed }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      stdout: `${error.stderr}${error.stdout}`,
    }),
  )
  const [out = '', ended = ''] = stdout.split(mark)
  return { code, out, cwd: ended.trim() }
}

/** The lines that are shown, without how long it took. */
function shownLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map(spaced)
    .filter((line) => line !== '')
}

function spaced(text: string): string {
  return text.replaceAll(/[ \t]+/g, ' ').trim()
}

/** What the page asks to type: the lines of a diff in place of those it takes out, or at the end. */
function edit(path: string, { text }: Step, place: string): void {
  const before = readFileSync(path, 'utf8')
  const side = (sign: string) =>
    text
      .split('\n')
      .filter((line) => line.startsWith(sign) || line.startsWith(' '))
      .map((line) => `${line.slice(1)}\n`)
      .join('')
  if (side('-') === '') return writeFileSync(path, before + side('+'))
  expect(before.split(side('-')), place).toHaveLength(2)
  writeFileSync(path, before.replace(side('-'), side('+')))
}

/** `npx` starts the program of this checkout, `npm` leaves a folder of packages, and git has somebody who commits. */
function environment(home: string): NodeJS.ProcessEnv {
  const bin = join(home, 'bin')
  mkdirSync(bin)
  const commands = {
    npx: `shift\nexec ${PROGRAM.map((word) => `'${word}'`).join(' ')} "$@"`,
    npm: 'mkdir -p node_modules && touch node_modules/installed',
  }
  for (const [name, script] of Object.entries(commands)) {
    writeFileSync(join(bin, name), `#!/usr/bin/env bash\n${script}\n`)
    chmodSync(join(bin, name), 0o755)
  }
  const { PATH = '' } = BASE_ENV
  const git = Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'Ada'],
      [`GIT_${who}_EMAIL`, 'ada@example.com'],
    ]),
  )
  return { ...BASE_ENV, PATH: `${bin}${delimiter}${PATH}`, HOME: home, NO_COLOR: '1', ...git }
}
