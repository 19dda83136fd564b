import { expect, it } from 'vitest'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** A project of one user, whose address is written with capitals and spaces in the data. */
async function project(lowerCase: boolean) {
  const { root, write } = makeProject({
    'configs/engage-sync.yaml':
      'version: 1\nenvironments:\n  local:\n    braze: { endpoint: simulator, settle: 0s }\n    sources: { engage: { events: data/*.ndjson } }\n',
    'configs/shop.yaml': `version: 1\nsource: engage\nidentity: { external_id: userId, lower_case: ${lowerCase} }\ntraits: { tier: tier }\n`,
    'data/1.ndjson': traitLine(' Ada@Acme.io ', 'tier', 'gold', 1),
  })
  const command = (...args: string[]) => runCommand(args, { cwd: root, env: {} })
  expect((await command('run')).code).toBe(0)
  return { command, write }
}

it('finds a user whatever the capitals, where identifiers are lowered', async () => {
  const { command, write } = await project(true)
  write('data/2.ndjson', traitLine('ADA@acme.io', 'tier', 'silver', 2))

  const run = await command('run', '--only', ' ADA@acme.IO', '--format', 'json')
  const explained = await command('explain', 'ADA@acme.IO')

  expect(JSON.parse(run.out)).toMatchObject({ users: { seen: 1, changed: 1 } })
  expect(explained.out).toContain('external id')
})

it('forgets a user whatever the capitals, where identifiers are lowered', async () => {
  const { command } = await project(true)

  const forgotten = await command('state', 'forget', ' ADA@acme.IO', '--yes')
  const explained = await command('explain', 'ada@acme.io')

  expect(forgotten.out).toContain('Erased 1 row,')
  expect(explained.code).toBe(2)
})

it('tells capitals apart where identifiers are not lowered, and cuts spaces', async () => {
  const { command } = await project(false)

  const other = await command('state', 'forget', 'ADA@acme.IO', '--yes')
  const same = await command('state', 'forget', 'Ada@Acme.io ', '--yes')

  expect(other.out).toContain('held nothing')
  expect(same.out).toContain('Erased 1 row,')
})
