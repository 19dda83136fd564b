import { describe, expect, it } from 'vitest'
import { coloursFor } from '../../../src/output/text/colours.ts'
import { renderRunPage } from '../../../src/output/report/html/run-page.ts'
import { renderReport } from '../../../src/output/report/human.ts'
import { renderReportMarkdown } from '../../../src/output/report/markdown.ts'
import { fakeIo } from '../../fake-io.ts'
import { NOTHING_NEW, runOf, SAMPLE_REPORT } from './sample-report.ts'

const io = fakeIo()
const human = (report: typeof SAMPLE_REPORT) =>
  renderReport(report, { colours: coloursFor(io.stdout, io.env), columns: 100 })

const markdown = (report: typeof SAMPLE_REPORT) =>
  renderReportMarkdown({
    report,
    mappings: [],
    guards: [],
    budget: { planned: 0, most: null, share: null },
    command: null,
    job: { commit: null, base: null, url: null },
  })

const html = (report: typeof SAMPLE_REPORT) =>
  renderRunPage({
    run: runOf(report),
    environment: report.environment,
    earlier: [],
    syncs: [],
    maxDataPoints: null,
  })

/** Everything a reader must find, however it is laid out. */
const NUMBERS = ['4,000', '2,104', '1,204', '310', '1,514']

describe.each([
  ['human', human(SAMPLE_REPORT)],
  ['markdown', markdown(SAMPLE_REPORT)],
  ['html', html(SAMPLE_REPORT)],
])('a report for people as %s', (_, text) => {
  it.each(NUMBERS)('shows %s', (number) => {
    expect(text).toContain(number)
  })

  it('names the syncs, the reasons and the keys nobody maps', () => {
    for (const name of ['shoppers', 'loyalty', 'RECORD_NOT_JSON', 'favourite_colour'])
      expect(text.replaceAll('\\', '')).toContain(name)
  })

  it('tells what became of requests without an answer, and how long the run waited for that', () => {
    const said = text.replaceAll(/\s+/g, ' ')

    expect(said).toContain(
      'No answer came for 3 events: 1 sent again, 0 left out, 2 found in Braze.',
    )
    expect(said).toContain(
      'This run itself decided 2 requests, in 1 round and 1 min 1 s of waiting.',
    )
  })
})

describe('a report without anything to send', () => {
  it('says so in one line', () => {
    expect(human(NOTHING_NEW)).toContain('0 requests to Braze')
    expect(human(NOTHING_NEW)).not.toContain('data points  ')
  })

  const none = { ...NOTHING_NEW.values, rejected: 0, changed: 0, unchanged: 0, duplicate: 0 }
  const records = { ...NOTHING_NEW.records, rejected: 0 }
  it.each([
    ['unchanged values', { ...none, unchanged: 5 }, /it already holds all of this/],
    ['values read before', { ...none, duplicate: 5 }, /it already holds all of this/],
    ['older values alone', { ...none, stale: 5 }, /nothing new to send/],
    ['keys nobody maps', { ...none, unmapped: 5 }, /nothing new to send/],
    ['a rejected value beside them', { ...none, unchanged: 5, rejected: 1 }, /nothing new to send/],
    ['a value that was undone', { ...none, unchanged: 5, changed: 2 }, /nothing new to send/],
  ])('says what is known after %s, in one wording', (_, values, known) => {
    const report = { ...NOTHING_NEW, records, values }

    for (const text of [human(report), markdown(report), html(report)])
      expect(text).toMatch(new RegExp(`0 requests to Braze: ${known.source}`))
  })
})

describe('what comes from data', () => {
  const hostile = {
    ...SAMPLE_REPORT,
    unmapped: [{ key: '<img src=x onerror=alert(1)>|`x`', count: 1 }],
  }

  it('is no markup in HTML', () => {
    expect(html(hostile)).not.toContain('<img')
  })

  it('breaks no table in Markdown', () => {
    expect(markdown(hostile)).not.toMatch(/alert\(1\)>\|/)
  })
})
