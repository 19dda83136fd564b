import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { knownTo, makeForgetProject } from '../forget-project.ts'
import { traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const USERS = ['shopper-1', 'shopper-2', 'shopper-3']

/** A project whose first run could not read the requests to forget users. */
async function rejected(forgotten: readonly string[], onDelete: string, guards = '') {
  const project = await makeForgetProject(USERS, forgotten)
  const run = (line: string) =>
    runCommand(line.split(' '), { cwd: project.root, env: { KEY: 'simulator' } })
  const letters = async () =>
    (JSON.parse((await run('dead-letters --format json')).out) as { total: number }).total
  project.configure('timestamp', onDelete, guards)
  const first = await run('run')
  const before = await letters()
  project.configure('receivedAt', onDelete, guards)
  return { ...project, run, letters, seen: { code: first.code, letters: before } }
}

describe('retry of a request to forget a user that could not be read', () => {
  it.each([
    ['report', USERS, true],
    ['forget', USERS, false],
    ['delete', ['shopper-1', 'shopper-3'], false],
  ] as const)('does what on_delete says: %s', async (onDelete, left, isNamed) => {
    const { simulator, run, letters, stateNames, seen } = await rejected(['shopper-2'], onDelete)

    const { code, out } = await run('retry --all --format json')

    expect(seen).toEqual({ code: 1, letters: 1 })
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ reasons: [{ code: 'SEGMENT_DELETE', count: 1 }] })
    expect(await knownTo(simulator, USERS)).toEqual(left)
    expect(stateNames('shopper-2')).toBe(isNamed)
    expect(stateNames('shopper-1')).toBe(true)
    expect(await letters()).toBe(0)
  })

  it('is guarded as a run is, and keeps the requests', async () => {
    const { simulator, run, letters } = await rejected(
      ['shopper-1', 'shopper-2'],
      'delete',
      '    guards: { min_removals: 1 }\n',
    )

    const stopped = await run('retry --all')
    const known = await knownTo(simulator, USERS)
    const kept = await letters()
    const allowed = await run('retry --all --allow deletions')

    expect([stopped.code, allowed.code]).toEqual([5, 0])
    expect(stopped.err).toContain('forget 2 users')
    expect(known).toEqual(USERS)
    expect(kept).toBe(2)
    expect(await knownTo(simulator, USERS)).toEqual(['shopper-3'])
    expect(await letters()).toBe(0)
  })

  it.each([401, 400])('keeps the request that Braze answers with %d', async (status) => {
    const { simulator, run, letters, stateNames } = await rejected(['shopper-2'], 'delete')
    simulator.addFault({ kind: 'status', status, path: '/users/delete' })

    const failed = await run('retry --all')
    const kept = [await letters(), stateNames('shopper-2')]
    simulator.clearFaults()
    const next = await run('retry --all')

    expect(failed.code).not.toBe(0)
    expect(kept).toEqual([1, true])
    expect(next.code).toBe(0)
    expect(await knownTo(simulator, USERS)).toEqual(['shopper-1', 'shopper-3'])
    expect(await letters()).toBe(0)
  })

  it('keeps a user who came back since', async () => {
    const { simulator, configure, write, run, letters } = await rejected(['shopper-2'], 'delete')
    write('data/c.ndjson', traitLine('shopper-2', 'lifetime_value', 5, 60 * 24 * 40))
    configure('timestamp', 'delete')
    await run('run')
    configure('receivedAt', 'delete')

    await run('retry --all')

    expect(await knownTo(simulator, USERS)).toEqual(USERS)
    expect(await letters()).toBe(0)
  })

  it('is nothing to another source', async () => {
    const { simulator, root, configure, write, run, letters } = await rejected(
      ['shopper-2'],
      'report',
    )
    configure('timestamp', 'report')
    const config = readFileSync(join(root, 'configs/engage-sync.yaml'), 'utf8')
    write(
      'configs/engage-sync.yaml',
      config.replace(
        'sources: {',
        'sources: { others: { events: data/others/*.ndjson, time: receivedAt },',
      ),
    )
    write(
      'configs/others.yaml',
      'version: 1\nsource: others\nprivacy: { on_delete: delete }\ntraits: { size: size }\n',
    )
    write('data/others/a.ndjson', traitLine('shopper-3', 'size', 'small'))

    const { code } = await run('retry --all')

    expect(code).toBe(1)
    expect(await knownTo(simulator, USERS)).toEqual(USERS)
    expect(await letters()).toBe(1)
  })

  it('waits for its source while that is not configured', async () => {
    const { simulator, root, write, run, letters } = await rejected(['shopper-2'], 'delete')
    const path = 'configs/engage-sync.yaml'
    const [config, sync] = [path, 'configs/shoppers.yaml'].map((file) =>
      readFileSync(join(root, file), 'utf8'),
    )
    write(path, config.replace('engage: {', 'renamed: {'))
    write('configs/shoppers.yaml', sync.replace('engage', 'renamed'))

    await run('retry --all')
    const known = await knownTo(simulator, USERS)
    const kept = await letters()
    write(path, config)
    write('configs/shoppers.yaml', sync)
    await run('retry --all')

    expect([known, kept]).toEqual([USERS, 1])
    expect(await knownTo(simulator, USERS)).toEqual(['shopper-1', 'shopper-3'])
    expect(await letters()).toBe(0)
  })
})
