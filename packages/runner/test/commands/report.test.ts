import type { Report } from '@engage-sync/core'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { audienceLine, makeProject, traitLine } from '../project.ts'
import { runCommand } from '../run-command.ts'

const DORMANT = 'shoppers:audiences.dormant_shopper'

/** Some users, most of them members, in more partitions than one. */
function people(count: number, minute = 0): string {
  return Array.from({ length: count }, (_, n) =>
    audienceLine(`user-${n}`, 'dormant_shopper', n % 4 > 0, minute),
  ).join('')
}

function project(first: string) {
  const { root, write } = makeProject({ 'data/a.ndjson': first })
  const run = (line: string) => runCommand(line.split(' '), { cwd: root })
  const report = async (line: string) =>
    JSON.parse((await run(`${line} --format json`)).out) as Report
  const dormant = ({ mappings = [] }: Report) => mappings.find(({ mapping }) => mapping === DORMANT)
  return { root, write, run, report, dormant }
}

describe('the report of a run by mapping', () => {
  it('tells what was planned and sent, and members before and after', async () => {
    const { report, dormant } = project(people(40))

    const found = dormant(await report('run'))

    expect(found).toMatchObject({
      users: 40,
      sent: { new: 40, joins: 30, leaves: 0 },
      refused: 0,
      members: { before: 0, after: 30 },
    })
    expect(found?.planned).toEqual(found?.sent)
  })

  it('adds up to what was sent of the sync', async () => {
    const { report } = project(people(40) + traitLine('user-1', 'lifetime_value', 7))

    const { mappings = [], braze } = await report('run')

    const sum = (of: (each: (typeof mappings)[number]['sent']) => number) =>
      mappings.reduce((total, { sent }) => total + of(sent), 0)
    expect(sum((sent) => sent.new + sent.changed + sent.unset)).toBe(braze.attributes)
    expect(sum(({ events }) => events)).toBe(braze.events)
    expect(sum((sent) => sent.data_points)).toBe(braze.data_points)
  })

  it('goes on from earlier reports where few users changed, and counts where it cannot', async () => {
    const { write, report, dormant, run } = project(people(40))
    await run('run')
    write('data/b.ndjson', audienceLine('user-1', 'dormant_shopper', false, 5))
    expect(dormant(await report('run'))).toMatchObject({
      sent: { joins: 0, leaves: 1 },
      members: { before: 30, after: 29 },
    })
    for (let unchanged = 0; unchanged < 25; unchanged++) await run('run')
    write('data/c.ndjson', audienceLine('user-0', 'dormant_shopper', true, 6))

    expect(dormant(await report('run'))).toMatchObject({ members: { before: 29, after: 30 } })
  })

  it('plans of a stopped run, and sends nothing', async () => {
    const { write, report, dormant, run } = project(people(400))
    await run('run')
    write(
      'data/b.ndjson',
      people(400, 5).replaceAll('"dormant_shopper":true', '"dormant_shopper":false'),
    )

    expect(dormant(await report('run'))).toMatchObject({
      planned: { leaves: 300 },
      sent: { leaves: 0 },
      members: { before: 300, after: 300 },
    })
  })
})

describe('report', () => {
  it('writes the page of the last run, or of the one asked for', async () => {
    const { root, run } = project(people(40))
    await run('run')
    await run('run')

    const { out } = await run('report')
    await run('report 1 --out one.html')

    expect(out).toContain('local · run 2')
    const one = readFileSync(join(root, 'one.html'), 'utf8')
    expect(one).toContain('Done: 40 users changed in Braze')
    expect(one).toMatch(/Dormant shoppers[\s\S]*0 → <span class="strong">30/)
  })

  it('says so where there is none', async () => {
    const { run } = project(people(1))

    expect(await run('report')).toMatchObject({ code: 9 })
    await run('run')
    expect(await run('report 7')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_RUN'),
    })
  })
})

describe('report --all', () => {
  it('tells how the last run ended, members over time, and a line a run', async () => {
    const { write, run } = project(people(40))
    await run('run')
    write('data/b.ndjson', audienceLine('user-1', 'dormant_shopper', false, 5))
    await run('run')

    const { code, out } = await run('report --all')

    expect(code).toBe(0)
    expect(out).toMatch(/<h1>Done: 1 user changed in Braze/)
    expect(out).toMatch(/Dormant shoppers[\s\S]*data-head="Members">29</)
    expect(out.match(/<th scope="row"><span class="whole"><span class="strong">\d/g)).toHaveLength(
      2,
    )
  })
})

describe('report --plan', () => {
  it('makes a page of a plan file, and of what plan prints as JSON', async () => {
    const { run, write } = project(people(40))
    const { out: json } = await run('plan --out plan.json --format json')
    write('printed.json', json)

    const pages = [await run('report --plan plan.json'), await run('report --plan printed.json')]

    for (const { code, out } of pages) {
      expect(code).toBe(0)
      expect(out).toContain('<h1>30 users join Dormant shoppers</h1>')
      expect(out).toContain('0 → <span class="strong">30</span>')
    }
    expect(pages[0]?.out).not.toContain('identifiers shortened')
    expect(pages[1]?.out).toContain('identifiers shortened')
  })

  it('says what it is where it can be no page', async () => {
    const { run, write } = project(people(1))
    write('older.json', '{"kind":"engage-sync-plan","version":1,"expectation":{}}')
    write('broken.json', '{')

    for (const file of ['older.json', 'broken.json', 'missing.json'])
      expect(await run(`report --plan ${file}`)).toMatchObject({
        err: expect.stringContaining('PLAN_UNREADABLE'),
      })
    expect(await run('report 1 --all')).toMatchObject({
      code: 2,
      err: expect.stringContaining('USAGE_REPORT'),
    })
  })
})
