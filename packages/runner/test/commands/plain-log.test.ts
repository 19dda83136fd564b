import { expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const LONG = 'an_attribute_with_a_name_that_is_rather_long_for_one_line'
const SYNC = `version: 1
source: engage
identity: { external_id: userId }
traits:
  a: { attribute: ${LONG}_a }
  b: { attribute: ${LONG}_b, type: time }
audiences:
  vip: { attribute: { name: flags, element: vip } }
  news: { subscription_group: 01234567-89ab-4def-8123-456789abcdef }
`
const DATA =
  traitLine('ada', 'a', 'x') +
  traitLine('ada', 'b', '2026-01-02T03:04:05Z', 1) +
  audienceLine('ada', 'vip', true) +
  audienceLine('ada', 'news', true)

it('a log keeps whole lines, and says what an array and a time become', async () => {
  const { root } = makeProject({ 'configs/shoppers.yaml': SYNC, 'data/a.ndjson': DATA })

  const { out } = await runCommand(['plan'], { cwd: root })

  expect(out).toContain(`${LONG}_a: nothing → a string`)
  expect(out).toContain(`${LONG}_b: nothing → a time`)
  expect(out).toContain('flags[vip]: nothing → true')
})

it('a state says which subscription group a mapping sends to', async () => {
  const { root } = makeProject({ 'configs/shoppers.yaml': SYNC, 'data/a.ndjson': DATA })
  await runCommand(['run'], { cwd: root })

  const { out } = await runCommand(['state', 'show'], { cwd: root })

  expect(out).toMatch(/shoppers:audiences\.news .*subscription group 01234567-89ab/)
})
