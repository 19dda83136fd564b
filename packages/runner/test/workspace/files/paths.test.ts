import { expect, it } from 'vitest'
import { makeProject, traitLine } from '../../project.ts'
import { runCommand } from '../../run-command.ts'

it.each([
  ['a plan into no directory', ['plan', '--out', 'none/plan.json'], 'USAGE_OUT_FILE'],
  ['a report into no directory', ['report', '--out', 'none/report.html'], 'USAGE_OUT_FILE'],
  ['a directory of users', ['run', '--only', 'configs'], 'USAGE_ONLY'],
  ['no user', ['run', '--only', ''], 'USAGE_ONLY'],
  ['a letter without a number', ['retry', 'abc'], 'USAGE_RETRY'],
])('%s is told as a mistake in the command line', async (_, argv, code) => {
  const { root } = makeProject({ 'data/events.ndjson': traitLine('u1', 'lifetime_value', 7) })
  await runCommand(['run'], { cwd: root })

  const result = await runCommand(argv, { cwd: root })

  expect(result).toMatchObject({ code: 2 })
  expect(result.err).toContain(code)
})
