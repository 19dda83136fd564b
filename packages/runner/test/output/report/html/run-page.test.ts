import { describe, expect, it } from 'vitest'
import { NOTHING_NEW, runOf, SAMPLE_REPORT } from '../sample-report.ts'
import { pageOf, STOPPED } from './samples.ts'

const words = (page: string) =>
  page
    .replace(/<style>.*<\/style>/s, '')
    .replaceAll(/<[^>]+>/g, ' ')
    .replaceAll(/\s+/g, ' ')

describe('the page of a run', () => {
  it('begins with how it ended, and says what to do next', () => {
    expect(words(pageOf(SAMPLE_REPORT))).toContain(
      'Done, but 3 changes wait for the next run and Braze refused 2 and 32 values could not be used',
    )
    expect(words(pageOf(SAMPLE_REPORT))).toContain('engage-sync run --env local')
    expect(words(pageOf(NOTHING_NEW))).toContain('0 requests to Braze: nothing new to send.')
  })

  it('says by name in Braze what a guard stopped, and the command that lets it pass', () => {
    const said = words(pageOf(STOPPED))

    expect(said).toContain('Stopped before sending: Dormant shoppers would lose 67 of 216 (31%)')
    expect(said).toContain(
      'engage-sync run --env local --allow removals=shoppers:audiences.dormant_shopper',
    )
    expect(said).toContain('Nothing was sent. What follows is what the run would have done.')
    expect(said).toContain('Data points it would use 1,302')
  })

  it('tells members before and after, and what each mapping costs', () => {
    const said = words(pageOf(SAMPLE_REPORT))

    expect(said).toMatch(/Dormant shoppers .* 584 → 630 42 88 190/)
    expect(said).toMatch(/lifetime_value .* 800 300 12 160 1,112/)
    expect(said).toMatch(
      /Cost by mapping .* lifetime_value .*1,112 85%.*Dormant shoppers .* 190 15%/,
    )
  })

  it('puts the run beside those before it, and adds up its month', () => {
    const before = runOf({ ...NOTHING_NEW, run: 2, users: { seen: 9, changed: 600, created: 0 } })
    const past = runOf({ ...SAMPLE_REPORT, run: 1 }, { startedAt: '2026-02-28T23:00:00.000Z' })
    const said = words(pageOf(SAMPLE_REPORT, { earlier: [before, past] }))

    expect(said).toContain('of 812 seen, 40 more than before')
    expect(said).toContain('19% of 8,000 a run may use; 1,514 this month')
  })

  it('links the job that ran it, and nothing that is no page of the web', () => {
    const link = (job: string) => /<a href="([^"]*)"/.exec(pageOf({ ...SAMPLE_REPORT, job }))?.[1]

    expect(link('https://ci.acme.com/jobs/7')).toBe('https://ci.acme.com/jobs/7')
    expect(link('javascript:alert(1)')).toBeUndefined()
  })

  it('is of an older report, too', () => {
    const { mappings, rejected, error, guards, ...older } = SAMPLE_REPORT
    const page = pageOf(null, { run: { ...runOf(SAMPLE_REPORT), report: older as never } })

    expect(words(page)).toContain('32 values could not be used')
    expect([mappings, rejected, error, guards]).not.toContain(undefined)
  })
})
