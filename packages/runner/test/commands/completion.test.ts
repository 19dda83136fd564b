import { execFileSync, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/commands/table.ts'
import { runCommand } from '../run-command.ts'

async function scriptOf(shell: string): Promise<string> {
  const { code, out } = await runCommand(['completion', shell])
  expect(code).toBe(0)
  return out
}

const isThere = (shell: string) => spawnSync(shell, ['--version']).status === 0

/** What each line is completed with, by the shell itself. */
const ASK = {
  bash: (script: string, words: readonly string[]) =>
    ask('bash', [
      '--norc',
      '-c',
      `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length - 1}
_engage_sync; printf '%s\\n' "\${COMPREPLY[@]}"`,
    ]),
  zsh: (script: string, words: readonly string[]) =>
    ask('zsh', [
      '-f',
      '-c',
      `compdef() { : }
compadd() { shift; print -l -- $@ }
_describe() { print -l -- "\${all[@]%%:*}" }
_files() { print files }
${script}
words=(${words.map((word) => `'${word}'`).join(' ')}) CURRENT=${words.length}
_engage_sync`,
    ]),
  fish: (script: string, words: readonly string[]) =>
    ask('fish', ['--no-config', '-c', `${script}\ncomplete -C '${words.join(' ')}'`]).map(
      (line) => line.split('\t', 1)[0]!,
    ),
}

function ask(shell: string, args: readonly string[]): readonly string[] {
  return execFileSync(shell, args, { encoding: 'utf8' }).trim().split('\n')
}

const CASES: readonly (readonly [words: readonly string[], found: readonly string[]])[] = [
  [
    ['engage-sync', ''],
    ['validate', 'run', 'completion'],
  ],
  [
    ['engage-sync', 'state', ''],
    ['init', 'unlock'],
  ],
  [
    ['engage-sync', 'run', '--'],
    ['--select', '--fail-on', '--env', '--log-format'],
  ],
  [['engage-sync', '--env', 'run', 'plan', '--'], ['--exit-code']],
  [
    ['engage-sync', 'run', '--format', ''],
    ['human', 'json', 'markdown', 'github'],
  ],
  [
    ['engage-sync', 'completion', ''],
    ['bash', 'zsh', 'fish'],
  ],
]

describe.each(Object.entries(ASK))('%s', (shell, complete) => {
  it.skipIf(!isThere(shell)).each(CASES)('completes %j', async (words, found) => {
    const answered = complete(await scriptOf(shell), words)

    expect(answered).toEqual(expect.arrayContaining([...found]))
  })

  it('knows every command', async () => {
    const script = await scriptOf(shell)

    for (const { name } of COMMANDS) expect(script).toContain(name)
  })
})

it('refuses other shells', async () => {
  expect(await runCommand(['completion', 'csh'])).toMatchObject({ code: 2 })
})
