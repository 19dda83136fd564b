import { describe, expect, it } from 'vitest'
import { coloursFor } from '../../../src/output/text/colours.ts'
import { renderReportHtml } from '../../../src/output/report/html/report-html.ts'
import { renderReport } from '../../../src/output/report/human.ts'
import { renderReportMarkdown } from '../../../src/output/report/markdown.ts'
import { fitComment } from '../../../src/output/formats/markdown.ts'
import { fakeIo } from '../../fake-io.ts'
import { NOTHING_NEW, SAMPLE_REPORT } from './sample-report.ts'

const io = fakeIo()
const human = (report: typeof SAMPLE_REPORT) =>
  renderReport(report, { colours: coloursFor(io.stdout, io.env), columns: 100 })

/** Everything a reader must find, however it is laid out. */
const NUMBERS = ['4,000', '2,104', '1,204', '310', '1,514']

describe.each([
  ['human', human(SAMPLE_REPORT)],
  ['markdown', renderReportMarkdown(SAMPLE_REPORT)],
  ['html', renderReportHtml(SAMPLE_REPORT)],
])('a report for people as %s', (_, text) => {
  it.each(NUMBERS)('shows %s', (number) => {
    expect(text).toContain(number)
  })

  it('names the syncs, the reasons and the keys nobody maps', () => {
    for (const name of ['shoppers', 'loyalty', 'RECORD_NOT_JSON', 'favourite_colour'])
      expect(text.replaceAll('\\', '')).toContain(name)
  })
})

describe('a report without anything to send', () => {
  it('says so in one line', () => {
    expect(human(NOTHING_NEW)).toContain('0 requests to Braze')
    expect(human(NOTHING_NEW)).not.toContain('data points  ')
  })
})

describe('what comes from data', () => {
  const hostile = {
    ...SAMPLE_REPORT,
    unmapped: [{ key: '<img src=x onerror=alert(1)>|`x`', count: 1 }],
  }

  it('is no markup in HTML', () => {
    expect(renderReportHtml(hostile)).not.toContain('<img')
  })

  it('breaks no table in Markdown', () => {
    expect(renderReportMarkdown(hostile)).not.toMatch(/alert\(1\)>\|/)
  })
})

it('a comment never gets longer than GitHub takes', () => {
  expect(fitComment(Array.from({ length: 50 }, () => 'x'.repeat(5000))).length).toBeLessThanOrEqual(
    65_536,
  )
})
