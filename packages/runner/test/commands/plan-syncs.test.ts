import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { PlanView } from '../../src/plan/view.ts'
import { makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

async function makeRun() {
  const { root } = makeProject({
    'configs/other.yaml':
      'version: 1\nsource: engage\nidentity: { external_id: userId }\ntraits: { city: city }\n',
    'data/a.ndjson': traitLine('ada', 'lifetime_value', 12),
  })
  const path = join(root, 'configs/shoppers.yaml')
  const edit = (from: string, to: string) =>
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  const call = (...argv: string[]) => runCommand(argv, { cwd: root })
  const planned = async (...flags: string[]) =>
    JSON.parse((await call('plan', '--format', 'json', ...flags)).out) as PlanView
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: root,
      stdio: 'ignore',
    })
  await call('run')
  return { root, edit, call, planned, git }
}

const LOWER = ['{ external_id: userId }', '{ external_id: email, lower_case: true }'] as const
const OFF = ['version: 1\n', 'version: 1\nenabled: false\n'] as const

describe('a plan of a sync that is set otherwise', () => {
  it('tells the old and the new value until a run took it', async () => {
    const { edit, call, planned } = await makeRun()
    edit(...LOWER)

    const changed = await planned()
    const { out } = await call('plan')
    await call('run')
    const after = await planned()

    expect(changed.has_changes).toBe(true)
    expect(changed.sync_changes).toEqual([
      {
        sync: 'shoppers',
        options: [
          { option: 'identity.external_id', before: 'userId', after: 'email' },
          { option: 'identity.lower_case', before: 'false', after: 'true' },
        ],
        note: expect.stringContaining('former names'),
      },
    ])
    expect(out).toContain('~ shoppers  the sync as a whole')
    expect(out).toContain('identity.external_id: "userId" → "email"')
    expect(after).toMatchObject({ sync_changes: [], has_changes: false })
  })

  it('tells it against another commit, too', async () => {
    const { edit, planned, git } = await makeRun()
    for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
    edit(...LOWER)

    const { sync_changes: changes } = await planned('--base', 'HEAD')

    expect(changes).toMatchObject([{ sync: 'shoppers', options: [{}, {}] }])
  })

  it('says once that it runs no more, and what becomes of it once it is back', async () => {
    const { edit, call, planned, git } = await makeRun()
    for (const args of [['init'], ['add', 'configs'], ['commit', '-m', 'configs']]) git(...args)
    edit(...OFF)
    const off = await planned()
    const against = await planned('--base', 'HEAD')
    const { out } = await call('plan', '--format', 'markdown')
    await call('run')
    const done = await planned()
    edit(OFF[1], OFF[0])
    const back = await planned()

    const enabled = { option: 'enabled', before: 'true', after: 'false' }
    expect(off.sync_changes).toMatchObject([{ sync: 'shoppers', options: [enabled] }])
    expect(against.sync_changes).toMatchObject([{ sync: 'shoppers', options: [enabled] }])
    expect(out).toContain('⏸️ sync **shoppers** disabled')
    expect(done.sync_changes).toEqual([])
    expect(new Set(back.changes.map(({ was_away: isAway }) => isAway))).toEqual(new Set([true]))
    edit(OFF[1], OFF[0])
    expect((await call('plan')).out).toContain('its sync did not run for a while')
  })
})
