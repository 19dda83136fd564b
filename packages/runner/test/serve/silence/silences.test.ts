import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Silences } from '../../../src/serve/silence/index.ts'
import { tempDirectory } from '../../temp-directory.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

function passed(directory: string, hours: number) {
  const silences = new Silences()
  for (let minute = 0; minute <= hours * 60; minute++) {
    const nowMs = minute * MINUTE
    const engage = { records: minute * 10, lastCameMs: nowMs - MINUTE }
    silences.look(new Map([['engage', engage]]), { directory, nowMs })
  }
  return silences
}

it('says which source is silent, and goes on knowing over a restart', () => {
  const directory = tempDirectory({})
  const records = 24 * 60 * 10
  const quiet = (lastCameMs: number) => new Map([['engage', { records, lastCameMs }]])
  const silences = passed(directory, 24)
  const endMs = 24 * HOUR

  silences.look(quiet(endMs), { directory, nowMs: endMs + 10 * MINUTE })
  expect(silences.now).toMatchObject([{ limitMs: 10 * MINUTE, isSilent: false }])
  silences.look(quiet(endMs), { directory, nowMs: endMs + 11 * MINUTE })
  expect(silences.now).toMatchObject([{ quietMs: 11 * MINUTE, isSilent: true }])

  const next = new Silences()
  const startMs = endMs + 5 * HOUR
  const anew = new Map([['engage', { records: 0, lastCameMs: startMs }]])
  next.look(anew, { directory, nowMs: startMs + 10 * MINUTE })
  expect(next.now).toMatchObject([{ limitMs: 10 * MINUTE, isSilent: false }])
  next.look(anew, { directory, nowMs: startMs + 11 * MINUTE })
  expect(next.now).toMatchObject([{ isSilent: true }])
})

it('begins anew where what it kept cannot be read', () => {
  const directory = tempDirectory({})
  for (const text of ['', '[1', '{"version":1,"sources":{"engage":[["a"],7]}}', '{"version":2}']) {
    writeFileSync(join(directory, 'silence.json'), text)
    expect(passed(directory, 1).now).toMatchObject([{ limitMs: null }])
  }
})
