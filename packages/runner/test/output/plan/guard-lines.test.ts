import { expect, it } from 'vitest'
import { renderGuards } from '../../../src/output/plan/guard-lines.ts'
import { allowingCommand } from '../../../src/output/report/cause.ts'
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

it('says what each guard found, then one command that lets all of it pass', () => {
  const stops = [stop('additions=a'), stop('removals=b')]
  const text = renderGuards(stops, allowingCommand('engage-sync run --env staging', stops), PLAIN)

  expect(text).toContain('Stopped by 2 guards. Nothing was sent.')
  for (const { message } of stops) expect(text).toContain(message)
  expect(text).toMatch(
    /\n {2}engage-sync run --env staging --allow additions=a --allow removals=b\n$/,
  )
})

it('quotes what a shell would read', () => {
  expect(allowingCommand('engage-sync run', [stop("removals=a:traits.it's here")])).toBe(
    "engage-sync run --allow 'removals=a:traits.it'\\''s here'",
  )
})
