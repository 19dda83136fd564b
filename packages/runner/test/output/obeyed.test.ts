import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeProject } from '../project.ts'
import { runCommand } from '../run-command.ts'
import { forgottenBy } from './every-command.ts'

/** What a terminal or GitHub would obey, as data may hold it. */
const HOSTILE =
  'evil\n::stop-commands::tok\n  ::add-mask::done\r::error::U\u001B]0;own\u0007\u009B31m\u202E##[add-mask]x'

function hostileProject(): string {
  const personas = {
    computation_class: 'audience',
    computation_key: HOSTILE,
    computation_id: 'id',
    space_id: 'spa_1',
  }
  const timestamp = '2026-01-05T10:00:00.000Z'
  const unmapped = {
    type: 'identify',
    userId: HOSTILE,
    messageId: 'm-1',
    timestamp,
    context: { personas },
    traits: { [HOSTILE]: true },
  }
  const computed = { ...personas, computation_class: 'computed_trait' }
  const mapped = (key: string, value: unknown, messageId: string) => ({
    ...unmapped,
    messageId,
    context: { personas: { ...computed, computation_key: key } },
    traits: { [key]: value },
  })
  const events = [
    unmapped,
    mapped('last_product_viewed_item', HOSTILE, 'm-2'),
    mapped('lifetime_value', HOSTILE, 'm-3'),
    mapped('last_product_viewed_item', HOSTILE.repeat(20), 'm-4'),
  ]
  const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const { root } = makeProject({ 'one.ndjson': lines })
  mkdirSync(join(root, 'data'), { recursive: true })
  writeFileSync(join(root, 'data', 'a\u001B[31m\n::error::file\u0007.ndjson'), `${lines}{broken\n`)
  return root
}

const FORMATS = [
  ['validate', ['human', 'json', 'github', 'sarif', 'junit']],
  ['test', ['human', 'json', 'github', 'junit']],
  ['plan', ['human', 'json', 'markdown', 'github']],
  ['run', ['human', 'json', 'markdown', 'github']],
  ['run --reread', ['human', 'json', 'markdown', 'github']],
  ['retry --all', ['human', 'json', 'markdown', 'github']],
  ['dead-letters', ['human', 'json']],
  ['dead-letters --show-values', ['human', 'json']],
  ['history', ['human', 'json']],
  ['history 1', ['human', 'json']],
  ['debug one.ndjson', ['human', 'json']],
  ['debug one.ndjson --show-values', ['human', 'json']],
  ['doctor', ['human', 'json']],
  ['state show', ['human', 'json']],
  ['state list', ['human', 'json']],
  ['state show shoppers:traits.lifetime_value', ['human', 'json']],
  ['verify', ['human', 'json']],
  ['verify --show-values', ['human', 'json']],
  ['explain shoppers', ['human', 'markdown']],
  ['catalog', ['html', 'markdown', 'json']],
] as const
const WITHOUT_FORMAT = [
  'report',
  'report --all',
  'state check',
  'test --from one.ndjson',
  'notify test',
  'notify check',
  'init',
  'migrate',
  'schema',
  'completion bash',
  'state init',
  'state adopt --yes',
  'state export state.ndjson',
  'state import state.ndjson',
  'allow data_points',
  'state unlock --yes',
  'state rm shoppers:traits.lifetime_value --yes',
  'state forget nobody --yes',
]
const WITH_DATA = [
  ['explain', HOSTILE],
  ['explain', HOSTILE, '--show-values', '--format', 'json'],
  ['run', '--select', HOSTILE],
  ['run', '--only', HOSTILE],
  [HOSTILE],
  ['plan', '--env', HOSTILE],
]

const ESCAPE = '\u001B'
const COLOURS = new RegExp(`${ESCAPE}\\[\\d+m`, 'g')

/** What of an output is obeyed, but for colours and the annotations that are meant. */
function obeyedIn(text: string): readonly string[] {
  const lines = text.split('\n')
  const commands = lines.filter(
    (line) => /^\s*::/.test(line) && !/^::(error|warning) [^:]*title=[\w: ]+[^:]*::/.test(line),
  )
  const controls = lines.filter((line) =>
    /(?!\t)[\p{Cc}\p{Bidi_Control}]/u.test(line.replace(COLOURS, '')),
  )
  return [...commands, ...controls, ...lines.filter((line) => line.includes('##['))]
}

it('obeys nothing that data holds, in any command and format', { timeout: 120_000 }, async () => {
  const cwd = hostileProject()
  const env = { GITHUB_ACTOR: HOSTILE, GITHUB_SHA: HOSTILE }
  const argvs: readonly (readonly string[])[] = [
    ...FORMATS.flatMap(([words, formats]) =>
      formats.map((format) => [...words.split(' '), '--format', format]),
    ),
    ...WITHOUT_FORMAT.map((words) => words.split(' ')),
    ...WITH_DATA,
    ['state', 'reset', '--yes'],
  ]
  expect(await forgottenBy(argvs)).toEqual([])
  const told: string[] = []
  const found: Record<string, readonly string[]> = {}
  for (const argv of argvs) {
    for (const colour of ['0', '1']) {
      const { out, err } = await runCommand(argv, { cwd, env: { ...env, FORCE_COLOR: colour } })
      told.push(out, err)
      const obeyed = [...obeyedIn(out), ...obeyedIn(err)]
      if (obeyed.length > 0) found[argv.join(' ')] = obeyed
    }
  }

  expect(found).toEqual({})
  // The data was shown, so that nothing holds because nothing was there.
  expect(told.filter((text) => text.includes('stop-commands')).length).toBeGreaterThan(20)
  expect(told.filter((text) => text.includes('\u001B[')).length).toBeGreaterThan(10)
})

it('keeps JSON whole, whatever is in it', async () => {
  const cwd = hostileProject()
  await runCommand(['run'], { cwd })

  const { out } = await runCommand(['dead-letters', '--show-values', '--format', 'json'], { cwd })

  const { dead_letters: letters } = JSON.parse(out) as {
    dead_letters: readonly { payload: { record?: string } }[]
  }
  const records = letters.flatMap(({ payload: { record } }) =>
    record === undefined || record === '{broken' ? [] : [JSON.parse(record) as object],
  )
  expect(records).toContainEqual(expect.objectContaining({ userId: HOSTILE }))
})
