import { expect, it } from 'vitest'
import { renderPlanPage } from '../../../../src/output/report/html/plan-page.ts'
import { SAMPLE_PLAN } from './samples.ts'

/** Text of a page, as one reads it. */
const TEXT = renderPlanPage(SAMPLE_PLAN)
  .replace(/<style>.*<\/style>/s, '')
  .replaceAll(/<br>|<\/t[hdr]>/g, '\n')
  .replaceAll(/<[^>]+>/g, '')

it('tells what a change of a whole sync is and concerns', () => {
  expect(TEXT).toContain('loyalty whole sync\nsends nothing')
  expect(TEXT).toContain('shoppers whole sync\nsends 2 mappings')
  expect(TEXT).toContain('userId → traits.crm_id')
  expect(TEXT).toContain('nothing renews it')
  expect(TEXT).toContain('+8 −67')
})

it('shows a few users before and after', () => {
  expect(TEXT).toContain('us…1\n')
  expect(TEXT).toContain('member → no member')
  expect(TEXT).toMatch(/another value → (a )?number/)
  expect(TEXT).toContain('an event is sent')
})
