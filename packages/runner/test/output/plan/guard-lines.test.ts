import { expect, it } from 'vitest'
import { renderGuards } from '../../../src/output/plan/guard-lines.ts'
import { PLAIN } from '../../../src/output/text/colours.ts'

const stop = (allow: string) => ({
  guard: 'removals' as const,
  subject: null,
  message: `${allow} is too much`,
  allow,
  planned: 2,
  limit: 1,
  members: null,
})

it('allows all of several stops by one line, in an order that never changes', () => {
  const one = renderGuards([stop('removals=b'), stop('additions=a')], PLAIN)
  const other = renderGuards([stop('additions=a'), stop('removals=b')], PLAIN)

  expect(one).toBe(other)
  expect(one).toMatch(/If all of that is meant: --allow additions=a --allow removals=b\n$/)
})

it('says it once where there is one', () => {
  expect(renderGuards([stop('removals=b')], PLAIN)).not.toContain('all of that')
})
