import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import { describe, expect, it, onTestFinished } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

/** A project that syncs into a simulator of the test's own, so that Braze can be made to refuse. */
async function project() {
  const simulator = await startSimulator({ settings: { applyDelayMs: 0 } })
  onTestFinished(() => simulator.close())
  const keys = 'partner: simulator, partner_api_key: "${KEY}", data_import_key: "${KEY}"'
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze: { endpoint: "${simulator.url}", api_key: "\${KEY}", settle: 0s, verify_after: 0s, cohorts: { ${keys} } }
    sources: { engage: { events: data/*.ndjson } }
`,
    'data/a.ndjson':
      traitLine('user-1', 'last_product_viewed_item', 'Wool sweater') +
      traitLine('user-1', 'lifetime_value', 12) +
      audienceLine('user-1', 'dormant_shopper', true) +
      traitLine('user-2', 'last_product_viewed_item', 'Jeans'),
  })
  const run = (line: string) =>
    runCommand(line.split(' '), { cwd: root, env: { KEY: 'simulator' } })
  return { simulator, root, write, run }
}

const holdingsOf = async (url: string, user: string) =>
  (await (await fetch(`${url}/simulator/users/${user}`)).json()) as {
    custom_attributes?: Record<string, unknown>
  }

describe('retry', () => {
  it('sends what was refused again, and takes it off the list', async () => {
    const { simulator, run } = await project()
    simulator.addFault({ kind: 'partial', path: '/users/track', indexes: [0, 1] })
    const first = await run('run')

    const { code, out } = await run('retry --all --format json')
    const again = await run('dead-letters --format json')

    expect(first.code).toBe(1)
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ braze: { rejected: 0, pending: 0 } })
    expect(JSON.parse(again.out)).toMatchObject({ total: 0 })
    expect((await holdingsOf(simulator.url, 'user-2')).custom_attributes).toMatchObject({
      last_product_viewed_item: 'Jeans',
    })
  })

  it('asks which letters are meant', async () => {
    const { run } = await project()
    await run('run')

    expect(await run('retry')).toMatchObject({ code: 2 })
    expect(await run('retry 999')).toMatchObject({ code: 0 })
  })
})

describe('verify', () => {
  it('finds nothing where Braze holds what was delivered, and tells what someone else changed', async () => {
    const { simulator, run } = await project()
    await run('run')

    const same = await run('verify --format json')
    const body = JSON.stringify({
      attributes: [{ external_id: 'user-2', last_product_viewed_item: 'Boots' }],
    })
    const headers = { authorization: 'Bearer simulator', 'content-type': 'application/json' }
    await fetch(`${simulator.url}/users/track`, { method: 'POST', body, headers })
    const changed = await run('verify')

    expect(same.code).toBe(0)
    expect(JSON.parse(same.out)).toMatchObject({ users: 2, sampled: 2, missing: 0 })
    expect(changed.code).toBe(1)
    expect(changed.out).toContain('different shoppers:traits.last_product_viewed_item · 1 of 2')
    expect(changed.out).not.toMatch(/Boots|Jeans|user-2/)
  })

  it('finds users that Braze lost', async () => {
    const { simulator, run } = await project()
    await run('run')
    simulator.reset()

    expect(await run('verify')).toMatchObject({
      code: 1,
      out: expect.stringContaining('does not know 2 users') as string,
    })
  })
})

describe('explain with a user', () => {
  it('says what was delivered, and why a segment holds or not', async () => {
    const { run } = await project()
    await run('run')

    const { code, out } = await run('explain user-1')

    expect(code).toBe(0)
    expect(out).toMatch(
      /shoppers:audiences.dormant_shopper\n[^]*? {4}cohort Dormant shoppers\n\s+member · /,
    )
    expect(out).toMatch(
      /by its conditions: member\n\s+yes all\n\s+yes last_product_viewed_item matches/,
    )
    expect(out).not.toMatch(/Wool/)
  })

  it('says which run delivered each value', async () => {
    const { run, write } = await project()
    await run('run')
    write('data/b.ndjson', traitLine('user-1', 'lifetime_value', 13, 5))
    await run('run')
    await run('run --reread')

    const { out } = await run('explain user-1')

    expect(out).toMatch(/ {4}attribute ltv\n[^\n]* · run 2\n/)
    expect(out).toMatch(/ {4}cohort Dormant shoppers\n[^\n]* · run 1\n/)
    expect(out).toMatch(/ {4}event Trait Computed\n[^\n]* · run 2\n/)
  })

  it('gives all of it as data, and refuses a name that is neither sync nor user', async () => {
    const { run, root } = await project()
    await run('run')

    const { out } = await run('explain user-2 --format json')

    const [user] = (
      JSON.parse(out) as { users: { kind: string; segments: { member: boolean }[] }[] }
    ).users
    expect(user).toMatchObject({
      kind: 'external id',
      isKnownToBraze: true,
      segments: [{ segment: 'shoppers:segments.sweater_fans', member: false }],
    })
    expect(await run('explain nobody')).toMatchObject({ code: 2 })
    expect(join(root, 'configs')).toBeTruthy()
  })
})

describe('a user who waits', () => {
  it('is listed, explained, left alone by retry, and finished by the next run', async () => {
    const { simulator, run } = await project()
    simulator.addFault({
      kind: 'status',
      status: 401,
      path: '/partners/simulator/cohorts/users',
      next: 9,
    })
    const first = await run('run')

    const listed = await run('dead-letters --format json')
    const retried = await run('retry --all')
    const explained = await run('explain user-1')
    const doctor = await run('doctor')
    simulator.clearFaults()
    const next = await run('run')
    const after = await run('dead-letters --format json')

    expect([first.code, next.code]).toEqual([4, 0])
    expect(JSON.parse(listed.out)).toMatchObject({
      total: 1,
      dead_letters: [{ code: 'PENDING_USER', stage: 'waiting', expires_at: null, place: 'engage' }],
    })
    expect(listed.out).not.toContain('user-1')
    expect(retried.err).toContain('no such dead letter')
    expect(explained.out).toContain('waiting for the next run')
    expect(doctor.out).toContain('who wait')
    expect(JSON.parse(after.out)).toMatchObject({ total: 0 })
  })
})
