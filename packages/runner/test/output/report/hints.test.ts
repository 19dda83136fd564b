import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { coloursFor } from '../../../src/output/text/colours.ts'
import { HINTED_CODES, hintFor } from '../../../src/output/report/hints.ts'
import { renderReport } from '../../../src/output/report/human.ts'
import { fakeIo } from '../../fake-io.ts'
import { SAMPLE_REPORT } from './sample-report.ts'

const ERRORS = readFileSync(join(import.meta.dirname, '../../../../../docs/errors.md'), 'utf8')

describe('hints', () => {
  it.each(HINTED_CODES)('belong to a code of the docs: %s', (code) => {
    expect(ERRORS).toContain(`| \`${code}\` |`)
  })

  it('stand below their reason in a report', () => {
    const io = fakeIo()

    const text = renderReport(SAMPLE_REPORT, {
      colours: coloursFor(io.stdout, io.env),
      columns: 100,
    })

    expect(text).toContain(hintFor('RECORD_NOT_JSON'))
  })

  it('are not made up for a code that needs none', () => {
    expect(hintFor('SKIPPED_NOT_ENGAGE')).toBeUndefined()
  })
})
