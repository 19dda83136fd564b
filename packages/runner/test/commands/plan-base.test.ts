import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/main.ts'
import type { PlanView } from '../../src/plan/view.ts'
import { fakeIo } from '../fake-io.ts'
import { makeProject, traitLine } from '../project.ts'

const NOW = Date.UTC(2026, 10, 23, 12)

async function call(root: string, ...args: string[]) {
  const io = fakeIo({ cwd: root, now: () => NOW })
  const code = await main(args, io)
  return { code, out: io.out(), err: io.err() }
}

async function planned(root: string, ...flags: string[]): Promise<PlanView> {
  const { out } = await call(root, 'plan', '--base', 'HEAD', '--format', 'json', ...flags)
  return JSON.parse(out) as PlanView
}

/** A project that ran, is committed, and has one user's new value waiting. */
async function makeCommitted() {
  const project = makeProject({
    'data/a.ndjson': ['ada', 'grace', 'mary']
      .map((user) => traitLine(user, 'lifetime_value', 12.5))
      .join(''),
  })
  await call(project.root, 'run')
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: project.root,
      stdio: 'ignore',
    })
  git('init')
  git('add', 'configs')
  git('commit', '-m', 'configs')
  project.write('data/b.ndjson', traitLine('ada', 'lifetime_value', 13, 5))
  const edit = (from: string, to: string) => {
    const path = join(project.root, 'configs/shoppers.yaml')
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to))
  }
  return { ...project, edit }
}

describe('plan --base', () => {
  it('tells what a commit changes from what waits anyway', async () => {
    const { root, edit } = await makeCommitted()
    const same = await planned(root)
    edit('attribute: ltv', 'attribute: clv')

    const changed = await planned(root)

    expect(same.changes).toEqual([])
    expect(same.base).toMatchObject({ effect: { users: 0, data_points: 0 }, waiting: { users: 1 } })
    expect(changed.changes).toMatchObject([
      { kind: 'orphaned', attribute: 'ltv', stale_users: 3 },
      {
        kind: 'changed',
        users: 3,
        options: [{ option: 'attribute', before: 'ltv', after: 'clv' }],
      },
    ])
    // The event of the new value waits; its attribute goes by another name.
    expect(changed.base).toMatchObject({
      ref: 'HEAD',
      effect: { users: 3, data_points: 3 },
      waiting: { users: 0, data_points: 1 },
      prevented: 1,
    })
  })

  it('takes a sync that names users otherwise for a new one', async () => {
    const { root, edit } = await makeCommitted()
    edit('{ external_id: userId }', '{ external_id: userId, lower_case: true }')

    const { base, changes } = await planned(root)

    expect(base).toMatchObject({ waiting: { users: 0, data_points: 0 } })
    expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['added']))
  })

  it('says the same to a run as a plan without it', async () => {
    const { root } = await makeCommitted()

    await planned(root, '--out', 'plan.json')
    const { code } = await call(root, 'run', '--plan', 'plan.json')

    expect(code).toBe(0)
  })

  it('names a commit that git does not know', async () => {
    const { root } = await makeCommitted()

    const { code, err } = await call(root, 'plan', '--base', 'no-such')

    expect(code).toBe(2)
    expect(err).toContain('SELECT_GIT')
  })
})
