import type { MappingPlan, Report } from '@engage-sync/core'
import { describe, expect, it } from 'vitest'
import { MAX_COMMENT } from '../../../src/output/formats/markdown.ts'
import { renderReportMarkdown } from '../../../src/output/report/markdown.ts'
import { audienceLine, makeProject, traitLine } from '../../project.ts'
import { runCommand } from '../../run-command.ts'
import { SAMPLE_REPORT } from './sample-report.ts'

const GUARDED = `version: 1
environments:
  local:
    braze: { endpoint: simulator }
    sources: { engage: { events: data/*.ndjson } }
guards: { max_removals: 20%, max_data_points: 1000, min_removals: 1 }
`

const JOB = {
  GITHUB_SHA: '0123456789abcdef0123456789abcdef01234567',
  GITHUB_REPOSITORY: 'acme/engage',
  GITHUB_RUN_ID: '77',
}

const users = Array.from({ length: 8 }, (_, index) => `u${index}`)
const joins = users.map((user) => audienceLine(user, 'dormant_shopper', true)).join('')
const leaves = users
  .slice(0, 3)
  .map((user) => audienceLine(user, 'dormant_shopper', false, 5))
  .join('')

function start(lines: string) {
  const project = makeProject({ 'configs/engage-sync.yaml': GUARDED, 'data/a.ndjson': lines })
  const run = async (...more: readonly string[]) =>
    runCommand(['run', '--format', 'markdown', ...more], { cwd: project.root, env: JOB })
  return { ...project, run }
}

describe('run --format markdown', () => {
  it('says of a run what it sent, audience by audience, with its cost and its job', async () => {
    const { run } = start(joins + traitLine('u1', 'lifetime_value', 12))
    const { code, out } = await run()

    expect(code).toBe(0)
    expect(out).toMatch(/^### ✅ engage-sync · local — done: 8 users changed\n/)
    expect(out).toMatch(
      /\*\*8 users\*\* of 8 changed · \*\*26 data points\*\* \(2\.6% of the 1,000 a run may use\)/,
    )
    expect(out).toContain('**What it sent**')
    expect(out).toContain('| audience | users | joins | leaves | events | data points |')
    expect(out).toContain(
      '| **Dormant shoppers** `shoppers:audiences.dormant_shopper` | 8 | 8 | · | 8 | 24 |',
    )
    expect(out).toContain('| **ltv** `shoppers:traits.lifetime_value` | 1 | 1 | · | 1 | 2 |')
    expect(out).toMatch(
      /<sub>run 1 · [\d.]+ s · commit `0123456` · \[job\]\(https:\/\/github\.com\/acme\/engage\/actions\/runs\/77\)<\/sub>\n$/,
    )
  })

  it('says of a run that guards stopped whom it would have taken out, and how to allow it', async () => {
    const { run, write } = start(joins)
    await run()
    write('data/b.ndjson', leaves)
    const { code, out } = await run()

    expect(code).toBe(5)
    expect(out).toMatch(/^### 🛑 engage-sync · local — stopped by a guard\n/)
    expect(out).toContain('**3 users** of 3 would have changed; nothing was sent')
    expect(out).toContain('> [!CAUTION]\n> **GUARD\\_STOPPED** · nothing was sent\n')
    expect(out).toContain('> - **3 of 8 members would leave _Dormant shoppers_**')
    expect(out).toContain('--allow removals=shoppers:audiences.dormant_shopper')
    expect(out).toContain('**What it would have sent**')
    expect(out).toContain('`shoppers:audiences.dormant_shopper` | 3 | · | 3 |')
  })

  it('says what was rejected, how often, and what to do', async () => {
    const bad = traitLine('u1', 'lifetime_value', 'much') + traitLine('u2', 'lifetime_value', 3)
    const { code, out } = await start(bad).run()

    expect(code).toBe(1)
    expect(out).toMatch(/^### ⚠️ engage-sync · local — done, with rejections\n/)
    expect(out).toContain('1 value rejected')
    expect(out).toMatch(/\| `CAST_NUMBER` \| 1 \| .*<br>Declare another `type:`/)
    expect(out).toContain('`engage-sync dead-letters --env local`')
  })

  it('says that there was nothing to send', async () => {
    const { run } = start(joins)
    await run()
    const { code, out } = await run('--reread')

    expect(code).toBe(0)
    expect(out).toContain('— nothing to send\n')
    expect(out).toContain('0 requests to Braze: it already holds all of this.')
    expect(out).not.toContain('**What it')
  })

  it('says why a command ended before it ran', async () => {
    const { code, out } = await start(joins).run('--env', 'nowhere')

    expect(code).toBe(2)
    expect(out).toMatch(/^### 🛑 engage-sync · nowhere — failed: CONFIG\\_/)
    expect(out).toContain('> [!CAUTION]\n> **CONFIG\\_')
    expect(out).toContain('<sub>commit `0123456`')
  })
})

describe('a long summary', () => {
  const plan = (index: number, key: string): MappingPlan & { readonly name: string } => ({
    id: `shoppers:audiences.${key}`,
    name: key,
    sync: 'shoppers',
    users: index,
    new: 0,
    changed: 0,
    unset: 0,
    events: 0,
    cohortAdds: 0,
    cohortRemovals: 0,
    dataPoints: 0,
    additions: 0,
    removals: index === 7 ? 1 : 0,
  })
  const render = (count: number, report: Report = SAMPLE_REPORT) =>
    renderReportMarkdown({
      report,
      mappings: Array.from({ length: count }, (_, index) => plan(index, `audience ${index}`)),
      guards: [],
      budget: { planned: 0, most: null, share: null },
      command: null,
      job: { commit: null, base: null, url: null },
    })

  it('folds what does not matter most, and leaves nothing out', () => {
    const text = render(40)

    expect(text.match(/\| \*\*audience \d+\*\*/g)).toHaveLength(40)
    expect(text.indexOf('**audience 7**')).toBeLessThan(text.indexOf('**audience 39**'))
    expect(text.indexOf('<summary>and 25 more</summary>')).toBeLessThan(
      text.indexOf('**audience 2**'),
    )
  })

  it('fits into what GitHub takes, and says how much more there is', () => {
    const reasons = Array.from({ length: 500 }, (_, index) => ({
      code: `CODE_${index}`,
      count: 1,
      example: 'x'.repeat(300),
    }))
    const text = render(2000, { ...SAMPLE_REPORT, reasons })
    const shown = text.match(/\| \*\*audience \d+\*\*/g)!.length

    expect(text.length).toBeLessThanOrEqual(MAX_COMMENT)
    expect(text).toMatch(/_and [\d,]+ more_|_And \d+ more parts that did not fit/)
    expect(shown).toBeGreaterThanOrEqual(15)
  })
})
