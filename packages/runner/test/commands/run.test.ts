import { gzipSync } from 'node:zlib'
import { PARTITIONS } from '@engage-sync/core'
import type { Report } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { main } from '../../src/main.ts'
import { openState } from '../../src/workspace/state/open-state.ts'
import { openEnvironment } from '../../src/workspace/environment/open-environment.ts'
import { fakeIo } from '../fake-io.ts'
import { audienceLine, makeProject, traitLine } from '../project.ts'

async function run(root: string, ...flags: string[]) {
  const io = fakeIo({ cwd: root })
  const code = await main(['run', ...flags], io)
  return { code, out: io.out(), err: io.err() }
}

async function report(
  root: string,
  ...flags: string[]
): Promise<{ code: number; report: Report; err: string }> {
  const { code, out, err } = await run(root, '--format', 'json', ...flags)
  return { code, report: JSON.parse(out) as Report, err }
}

function classes({ records }: Report): number {
  const { read, ...rest } = records
  expect(Object.values(rest).reduce((sum, count) => sum + count, 0)).toBe(read)
  return read
}

const GOOD =
  traitLine('ada', 'last_product_viewed_item', 'Sweater') +
  audienceLine('ada', 'dormant_shopper', true)

describe('run', () => {
  it('brings Braze in line, and sends nothing the second time', async () => {
    const { root } = makeProject({ 'data/a.ndjson': GOOD })

    const first = await report(root)
    const second = await report(root)

    expect(first.code).toBe(0)
    expect(first.report.braze).toMatchObject({
      attributes: 2,
      events: 1,
      cohort_adds: 2,
      pending: 0,
    })
    expect(classes(first.report)).toBe(2)
    expect(second.code).toBe(0)
    expect(second.report.records.read).toBe(0)
    expect(second.report.braze.requests).toBe(0)
  })

  it('sends nothing when everything is read again', async () => {
    const { root } = makeProject({ 'data/a.ndjson': GOOD })
    await run(root)

    const again = await report(root, '--reread')

    expect(again.report.records).toMatchObject({ read: 2, duplicate: 2 })
    expect(again.report.braze.requests).toBe(0)
  })

  it('reads what was added to a file since, and only that', async () => {
    const project = makeProject({ 'data/a.ndjson': GOOD })
    await run(project.root)
    project.write('data/a.ndjson', GOOD + traitLine('ada', 'last_product_viewed_item', 'Mug', 5))

    const next = await report(project.root)

    expect(next.report.records).toMatchObject({ read: 1, changed: 1 })
    expect(next.report.braze).toMatchObject({ attributes: 1, events: 0, cohort_removals: 1 })
  })

  it('prints the report for people, with counts that can be seen', async () => {
    const { root } = makeProject({ 'data/a.ndjson': GOOD })

    const { code, out, err } = await run(root)

    expect(code).toBe(0)
    expect(out).toContain('run 1 · local · shoppers · done')
    expect(out).toMatch(/2 {2}records read/)
    expect(err).toBe('')
  })

  it('stops at a guard before anything is sent, and says how to allow it', async () => {
    const many = Array.from({ length: 200 }, (_, user) =>
      audienceLine(`user-${user}`, 'dormant_shopper', true),
    ).join('')
    const project = makeProject({ 'data/a.ndjson': many })
    await run(project.root)
    const exits = Array.from({ length: 200 }, (_, user) =>
      audienceLine(`user-${user}`, 'dormant_shopper', false, 5),
    ).join('')
    project.write('data/b.ndjson', exits)

    const stopped = await run(project.root)
    const allowed = await report(
      project.root,
      '--allow',
      'removals=shoppers:audiences.dormant_shopper',
    )

    expect(stopped.code).toBe(5)
    expect(stopped.err).toContain('--allow removals=shoppers:audiences.dormant_shopper')
    expect(allowed.code).toBe(0)
    expect(allowed.report.braze.cohort_removals).toBe(200)
  })

  it('works on one user alone, and leaves the rest for the next run', async () => {
    const { root } = makeProject({
      'data/a.ndjson': GOOD + audienceLine('ben', 'dormant_shopper', true),
    })

    const only = await report(root, '--only', 'ben')
    const rest = await report(root)

    expect(only.report.users.changed).toBe(1)
    expect(rest.report.users.changed).toBe(1)
    expect(rest.report.braze).toMatchObject({ attributes: 2 })
  })

  it.each([
    ['--format', 'xml'],
    ['--select', 'shopers'],
    ['--env', 'prod'],
  ])('refuses %s %s as a mistake of usage', async (flag, value) => {
    const { root } = makeProject({ 'data/a.ndjson': GOOD })

    expect((await run(root, flag, value)).code).toBe(2)
  })
})

describe('bad input', () => {
  const big = `{"type":"identify","userId":"${'x'.repeat(40 * 1024 * 1024)}"}\n`

  it.each<[string, string | Uint8Array, string]>([
    ['a line that is not JSON', 'not json\n', 'NOT_JSON'],
    ['JSON that is not an event', '{"hello":"world"}\n', ''],
    ['a number', '1\n', ''],
    ['a line of 40 MB', big, 'TOO_LONG'],
    [
      'text that is not UTF-8',
      new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d, 0x0a]),
      '',
    ],
    [
      'an event without any identifier',
      traitLine('', 'last_product_viewed_item', 'Mug').replace('"userId":"",', ''),
      'IDENTIFIER',
    ],
  ])('rejects %s by name, and goes on', async (_name, bad, code) => {
    const { root } = makeProject({ 'data/a.ndjson': bad, 'data/b.ndjson': GOOD })

    const result = await report(root)

    expect(result.code).toBe(1)
    expect(result.report.records).toMatchObject({ rejected: 1, changed: 2 })
    expect(classes(result.report)).toBe(3)
    expect(result.report.reasons[0].code).toContain(code)
  })

  it('reads in several passes what a small memory budget cannot hold, with the same result', async () => {
    const lines = Array.from({ length: 200 }, (_, user) =>
      traitLine(`u${user}`, 'last_product_viewed_item', 'Mug', user),
    ).join('')
    const one = await report(makeProject({ 'data/a.ndjson': lines }).root)

    const several = await report(
      makeProject({ 'data/a.ndjson': lines }).root,
      '--memory-budget',
      '0.01MB',
    )

    expect(one.err).toBe('')
    expect(several.err).toMatch(
      /The rows exceed the memory budget: the sources are read in \d+ passes\./,
    )
    expect(several.report.records).toEqual(one.report.records)
    expect(several.report.braze).toMatchObject({ attributes: 200, pending: 0 })
  })

  it.each([
    [['--memory-budget', '512'], 'Expected a size in MB or GB, such as 512MB.'],
    [['--memory-budget', '0GB'], 'Expected a size in MB or GB, such as 512MB.'],
    [['--wait', 'a while'], 'Expected a number of seconds, such as 30.'],
    [
      ['--allow', 'removal=shoppers:audiences.vip'],
      'Did you mean removals? Guards are removals, additions, data_points, deletions, rejected, empty_source.',
    ],
    [
      ['--allow', 'deletions', 'data_points=many'],
      'Expected a number of data points, such as data_points=5000.',
    ],
  ])('says what it expected instead of %j', async (flags, expected) => {
    const { root } = makeProject({ 'data/a.ndjson': GOOD })

    const { code, err } = await run(root, ...flags)

    expect(code).toBe(2)
    expect(err).toContain(expected)
  })

  it('keeps a rejected record as a dead letter', async () => {
    const { root } = makeProject({ 'data/a.ndjson': `not json\n${GOOD}` })

    expect((await report(root)).report.dead_letters).toBe(1)
  })

  it('keeps what a truncated gzip holds, and rejects the torn end', async () => {
    const lines = Array.from({ length: 2000 }, (_, user) =>
      traitLine(`user-${user}`, 'last_product_viewed_item', `Item ${user}`),
    ).join('')
    const packed = gzipSync(lines)
    const { root } = makeProject({
      'data/a.ndjson.gz': packed.subarray(0, packed.length - 2000),
      'data/b.ndjson': GOOD,
    })

    const result = await report(root)

    expect(result.code).toBe(1)
    expect(result.report.records.rejected).toBe(1)
    expect(result.report.records.changed).toBeGreaterThan(100)
    expect(result.report.reasons[0].code).toBe('SOURCE_TRUNCATED')
  })

  it('takes a trait named __proto__ as data', async () => {
    const line = traitLine('ada', '__proto', 'x').replaceAll('__proto', '__proto__')
    const { root } = makeProject({ 'data/a.ndjson': line + GOOD })

    const result = await report(root)

    expect(result.report.records).toMatchObject({ unmapped: 1, changed: 2 })
    expect(result.report.unmapped[0].key).toBe('__proto__')
  })

  it('says which place matches no file', async () => {
    const { root } = makeProject()

    const { code, err } = await run(root)

    expect(code).toBe(2)
    expect(err).toContain('SOURCE_NOT_FOUND')
    expect(err).toContain('data/*.ndjson*')
  })

  it('reads an empty file as nothing', async () => {
    const { root } = makeProject({ 'data/a.ndjson': '' })

    const result = await report(root)

    expect(result.code).toBe(0)
    expect(result.report.records.read).toBe(0)
  })

  it('stops when a source that held records is empty', async () => {
    const project = makeProject({ 'data/a.ndjson': GOOD })
    await run(project.root)
    project.write('data/a.ndjson', '')

    const { code, err } = await run(project.root, '--reread')

    expect(code).toBe(5)
    expect(err).toContain('--allow empty_source=engage')
  })

  it('shows no user and no value in anything it prints', async () => {
    const secret = traitLine('ada.lovelace@example.com', 'lifetime_value', 'not-a-number-canary')
    const { root } = makeProject({ 'data/a.ndjson': secret })

    const human = await run(root)
    const json = await run(root, '--reread', '--format', 'json')

    for (const text of [human.out, human.err, json.out, json.err]) {
      expect(text).not.toContain('lovelace')
      expect(text).not.toContain('canary')
    }
  })
})

describe('keep_values', () => {
  const project = (keep: boolean) => `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson* } }
    state: { keep_values: ${keep} }
`

  async function isKept(root: string, text: string): Promise<boolean> {
    const io = fakeIo({ cwd: root })
    const { environment, place } = openEnvironment(io, { configs: 'configs', env: 'local' })
    const store = await openState({ environment, root: place.root, create: 'never' })
    const images = await Promise.all(
      Array.from({ length: PARTITIONS }, (_, number) => store.loadPartition(number)),
    )
    await store.close()
    return images.some(({ snapshot, deltas }) =>
      [snapshot, ...deltas].some((bytes) => bytes !== null && Buffer.from(bytes).includes(text)),
    )
  }

  it.each([false, true])('%s decides whether a delivered value is in the state', async (keep) => {
    const { root } = makeProject({
      'data/a.ndjson': GOOD,
      'configs/engage-sync.yaml': project(keep),
    })

    await run(root)

    expect(await isKept(root, 'Sweater')).toBe(keep)
  })
})

describe('run of some syncs', () => {
  const OTHER = 'version: 1\nsource: engage\nbackfill: true\ntraits:\n  plan: plan\n'
  const records =
    traitLine('ada', 'plan', 'free') + traitLine('ada', 'last_product_viewed_item', 'Sweater')

  it('leaves the records to those left out, who find them later', async () => {
    const { root, write } = makeProject({ 'configs/other.yaml': OTHER, 'data/a.ndjson': records })
    await report(root)
    write(
      'data/b.ndjson',
      traitLine('ada', 'plan', 'pro', 5) + traitLine('ada', 'last_product_viewed_item', 'Boots', 5),
    )

    const some = await report(root, '--select', 'shoppers')
    const all = await report(root)
    const again = await report(root)

    expect(some.report.braze).toMatchObject({ attributes: 1 })
    expect(all.report.braze).toMatchObject({ attributes: 1, pending: 0 })
    expect(again.report).toMatchObject({ records: { read: 0 }, braze: { attributes: 0 } })
  })

  it.each([
    ['all', []],
    ['the others', ['--select', 'shoppers']],
  ])('brings a sync up to date that was disabled for a while, though %s ran', async (_, flags) => {
    const { root, write } = makeProject({ 'configs/other.yaml': OTHER, 'data/a.ndjson': records })
    await report(root)
    write('configs/other.yaml', `enabled: false\n${OTHER}`)
    write('data/b.ndjson', traitLine('ada', 'plan', 'pro', 5))
    const without = await report(root, ...flags)
    write('configs/other.yaml', OTHER)

    const back = await report(root)
    const again = await report(root)

    expect(without.report.braze).toMatchObject({ attributes: 0 })
    expect(back.report.braze).toMatchObject({ attributes: 1, pending: 0 })
    expect(again.report).toMatchObject({ records: { read: 0 }, braze: { attributes: 0 } })
  })
})
