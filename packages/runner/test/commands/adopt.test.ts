import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startSimulator } from '@engage-sync/braze-simulator'
import type { SimulatorOptions } from '@engage-sync/braze-simulator'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { PROGRAM } from '../program.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const SYNC = `version: 1
source: engage
traits:
  ltv: { attribute: ltv, event: Trait Computed }
  sizes: { attribute: sizes, type: array, array: update }
audiences:
  vip: { attribute: vip }
`
/** When the records of a test were computed. */
const COMPUTED = '2026-01-05T10:00:00.000Z'
/** Within the 90 days Braze tells of. */
const SOON = Date.UTC(2026, 0, 20)

interface World extends SimulatorOptions {
  readonly now?: () => number
  readonly sync?: string
}

/** A project beside a Braze that somebody else filled. */
async function besideBraze(lines: readonly string[], world: World = {}) {
  const { now = () => SOON, sync = SYNC, ...options } = world
  const settings = { applyDelayMs: 0, ...options.settings }
  const simulator = await startSimulator({ ...options, now, settings })
  onTestFinished(() => simulator.close())
  const { root, write } = makeProject({
    'configs/engage-sync.yaml': `version: 1
environments:
  local:
    braze:
      endpoint: "${simulator.url}"
      api_key: simulator
      settle: 0s
      cohorts: { partner: simulator, partner_api_key: simulator, data_import_key: simulator }
    sources: { engage: { events: data/*.ndjson } }
`,
    'configs/shoppers.yaml': sync,
    'data/1.ndjson': lines.join(''),
  })
  const call = (line: string, signal?: AbortSignal) =>
    runCommand(line.split(' '), { cwd: root, now, ...(signal !== undefined && { signal }) })
  const post = async (path: string, body: object) => {
    const { status } = await fetch(simulator.url + path, {
      method: 'POST',
      headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(status).toBeLessThan(300)
  }
  const see = async (path: string) => (await fetch(`${simulator.url}/simulator/${path}`)).json()
  return {
    root,
    url: simulator.url,
    write,
    call,
    post,
    holds: (...attributes: readonly object[]) => post('/users/track', { attributes }),
    happened: (...events: readonly object[]) => post('/users/track', { events }),
    json: async (line: string) => JSON.parse((await call(`${line} --format json`)).out),
    /** Requests Braze got by now for a path. */
    requests: async (path: string) =>
      ((await see('requests')) as { requests: { path: string }[] }).requests.filter(
        (one) => one.path === path,
      ).length,
  }
}

const computed = (user: string) => ({ external_id: user, name: 'Trait Computed', time: COMPUTED })

const LINES = [
  traitLine('ada', 'ltv', 7),
  traitLine('ada', 'sizes', ['m', 'l']),
  audienceLine('ada', 'vip', true),
  traitLine('bob', 'ltv', 9),
  audienceLine('bob', 'vip', true),
  traitLine('cyd', 'ltv', 1),
]

async function fill({ holds, happened }: Awaited<ReturnType<typeof besideBraze>>): Promise<void> {
  await holds(
    { external_id: 'ada', ltv: 7, sizes: ['l', 'm'], vip: true, score: 3 },
    { external_id: 'bob', ltv: 8, vip: true },
  )
  await happened(computed('ada'))
}

const FOUND = `Asked Braze about 3 users: 5 values it holds count as sent, 4 values it does not hold are left to the next run. Nothing was sent.

  mapping                 held  left
  shoppers:audiences.vip     2     0
  shoppers:traits.ltv        2     4
  shoppers:traits.sizes      1     0

Braze does not know 1 user of them.
No mapping writes 1 attribute these users have: score (1 user).
`

describe('state adopt --from-braze', () => {
  it('takes what Braze holds as sent, and leaves the rest to the next run', async () => {
    const world = await besideBraze(LINES)
    const { call, json } = world
    await fill(world)

    expect(await call('state adopt --from-braze --yes')).toMatchObject({ code: 0, out: FOUND })

    expect((await json('plan')).braze).toMatchObject({ attributes: 2, events: 2 })
    expect((await json('run')).braze).toMatchObject({ attributes: 2, events: 2 })
    expect((await json('run --reread')).braze.requests).toBe(0)
    expect(await call('verify')).toMatchObject({ code: 0 })
    expect((await call('history')).out).toMatch(/1 +2026-01-20 00:00 .*state adopt/)
  })

  it('keeps to the limit of exports, and says when it waits for that', async () => {
    const world = await besideBraze(LINES, {
      now: Date.now,
      settings: { exportLimit: 1, exportWindowMs: 1500 },
    })

    const { code, err } = await world.call('state adopt --from-braze --yes')

    expect(code).toBe(0)
    expect(err).toMatch(/Waiting .* for Braze's rate limit/)
  })

  it('asks for the same by the export of a segment, however Braze gives it', async () => {
    const everybody = { custom_attribute: { custom_attribute_name: 'vip', comparison: 'exists' } }
    const world = await besideBraze(LINES, {
      segments: [{ id: 'all-of-them', name: 'All', filter: everybody }],
    })
    const { call, json, root, url, requests } = world
    await fill(world)

    expect(await call('state adopt --segment all-of-them --yes')).toMatchObject({
      code: 0,
      out: FOUND,
    })
    expect((await json('plan')).braze).toMatchObject({ attributes: 2, events: 2 })
    expect(await requests('/users/export/ids')).toBe(0)

    const { url: archive } = await exported(url)
    mkdirSync(join(root, 'copied/2026'), { recursive: true })
    writeFileSync(join(root, 'copied/2026/a.zip'), await (await fetch(archive)).bytes())
    await call('state reset --yes')
    expect((await call('state adopt --exported copied --yes')).out).toBe(FOUND)
    expect(await call('state adopt --exported nowhere --yes')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_EXPORTED'),
    })
  })

  it('says what to do where Braze writes the export into storage of the account', async () => {
    const { call } = await besideBraze(LINES, {
      segments: [
        {
          id: 'all',
          name: 'All',
          filter: { custom_attribute: { custom_attribute_name: 'vip', comparison: 'exists' } },
        },
      ],
      settings: { segmentExportTo: 'storage' },
    })

    const { code, err } = await call('state adopt --segment all --yes')

    expect(code).toBe(3)
    expect(err).toMatch(/BRAZE_EXPORT .*segment-export\/all\//)
    expect(err).toContain('--exported')
  })

  it('leaves what cannot be asked for on the side that does no harm', async () => {
    const { call, json, happened, holds } = await besideBraze(
      [traitLine('ada', 'ltv', 7), audienceLine('ada', 'vip', true)],
      {
        now: () => Date.UTC(2026, 6, 1),
        sync: `version: 1
source: engage
traits: { ltv: { attribute: ltv, event: Trait Computed } }
audiences: { vip: { attribute: vip, cohort: VIPs } }
`,
      },
    )
    await holds({ external_id: 'ada', ltv: 7, vip: true })
    await happened(computed('ada'))

    const { out } = await call('state adopt --from-braze --yes')

    expect(out).toContain('1 event older than the 90 days Braze tells of count as sent')
    expect(out).toContain('1 membership of cohorts and subscription groups cannot be asked for')
    expect((await json('run')).braze).toMatchObject({
      attributes: 0,
      events: 0,
      cohort_adds: 1,
      requests: 2,
    })
  })

  it('counts an event as sent where Braze has as many of its name, and one as late', async () => {
    const { call, json, happened } = await besideBraze(
      [traitLine('ada', 'ltv', 7, 5), traitLine('bob', 'ltv', 7)],
      { sync: 'version: 1\nsource: engage\ntraits: { ltv: { event: Trait Computed } }\n' },
    )
    await happened(computed('ada'), computed('bob'))

    await call('state adopt --from-braze --yes')

    expect((await json('run')).braze).toMatchObject({ events: 1 })
  })

  it('joins no alias that Braze knows apart, and sends nothing of its user before it is', async () => {
    const sync = `version: 1
source: engage
identity: { external_id: userId, alias: { from: anonymousId, label: anon, promote: identify } }
traits: { ltv: ltv }
`
    const line = (user: object, ltv: number, minute: number) =>
      traitLine('x', 'ltv', ltv, minute).replace('"userId":"x"', JSON.stringify(user).slice(1, -1))
    const alone = [line({ anonymousId: 'a1' }, 1, 0), line({ anonymousId: 'a2' }, 2, 0)]
    const { call, json, holds, post, write } = await besideBraze(alone, { sync })
    await holds(
      {
        user_alias: { alias_name: 'a1', alias_label: 'anon' },
        _update_existing_only: false,
        ltv: 1,
      },
      {
        user_alias: { alias_name: 'a2', alias_label: 'anon' },
        _update_existing_only: false,
        ltv: 2,
      },
      { external_id: 'ada', ltv: 3 },
      { external_id: 'bob', ltv: 4 },
    )
    await call('state adopt --from-braze --yes')
    write(
      'data/2.ndjson',
      line({ userId: 'ada', anonymousId: 'a1' }, 3, 1) +
        line({ userId: 'bob', anonymousId: 'a2' }, 4, 1),
    )
    await post('/users/identify', {
      aliases_to_identify: [
        { external_id: 'ada', user_alias: { alias_name: 'a1', alias_label: 'anon' } },
      ],
    })

    expect(await call('state adopt --from-braze --yes')).toMatchObject({ code: 0 })

    expect((await json('run')).braze).toMatchObject({ requests: 2, attributes: 1 })
  })

  it('keeps what it was told before it is killed, and goes on from there', async () => {
    const users = Array.from({ length: 1500 }, (_, index) => `u${index}`)
    const world = await besideBraze(
      users.map((user, index) => traitLine(user, 'ltv', index)),
      {
        sync: 'version: 1\nsource: engage\ntraits: { ltv: ltv }\n',
        users: users.map((user, index) => ({
          external_id: user,
          ltv: index % 5 === 0 ? -1 : index,
        })),
        settings: { answerDelayMs: 10, exportLimit: 0 },
      },
    )
    const { call, json, root, requests } = world
    const [program, ...before] = PROGRAM
    const killed = spawn(program, [...before, 'state', 'adopt', '--from-braze', '--yes'], {
      cwd: root,
    })
    const ended = once(killed, 'exit')
    await vi.waitUntil(async () => (await requests('/users/export/ids')) >= 45, { timeout: 30_000 })
    killed.kill('SIGKILL')
    await ended

    expect(await call('state unlock --yes')).toMatchObject({ code: 0 })
    const { code, out } = await call('state adopt --from-braze --yes')

    expect(code).toBe(0)
    const [, asked] = /about ([\d,]+) users/.exec(out) ?? []
    expect(Number(asked?.replace(',', ''))).toBeLessThan(1500)
    expect((await json('plan')).braze).toMatchObject({ attributes: 300 })
  })
})

async function exported(url: string): Promise<{ readonly url: string }> {
  const answer = await fetch(`${url}/users/export/segment`, {
    method: 'POST',
    headers: { authorization: 'Bearer simulator', 'content-type': 'application/json' },
    body: JSON.stringify({
      segment_id: 'all-of-them',
      fields_to_export: ['external_id', 'custom_attributes', 'custom_events'],
    }),
  })
  return (await answer.json()) as { readonly url: string }
}
