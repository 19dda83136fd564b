import { describe, expect, it } from 'vitest'
import { CONFIG_CODES } from '../../src/config/document/codes.ts'
import { loadConfig } from '../../src/config/load.ts'
import { foundIn, readFixtures } from './fixtures.ts'

const fixtures = readFixtures('invalid')
const load = ({ files, environment }: (typeof fixtures)[number]) =>
  loadConfig(files, environment === undefined ? {} : { environment }).diagnostics

describe('every invalid configuration', () => {
  it.each(fixtures)('$name: finds what is expected, where it is expected, and nothing else', (fixture) => {
    expect(fixture.expected).not.toEqual([])
    expect(foundIn(load(fixture))).toEqual(fixture.expected)
  })

  it.each(fixtures)('$name: says what is wrong in one line, with a next step', (fixture) => {
    for (const { message, hint, severity, code } of load(fixture)) {
      expect(message).toMatch(/^[^\n]{8,}$/)
      expect(hint).toMatch(/^[^\n]{4,}$/)
      expect(severity).toBe(CONFIG_CODES[code as keyof typeof CONFIG_CODES].severity)
    }
  })

  it.each(fixtures)('$name: gives a range of the file and the line it begins in', (fixture) => {
    for (const diagnostic of load(fixture)) {
      const text = fixture.files.find(({ path }) => path === diagnostic.path)?.text ?? ''
      const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
      expect(diagnostic.line).toBeLessThanOrEqual(lines.length)
      expect(diagnostic.column).toBeLessThanOrEqual(lines[diagnostic.line - 1].length + 1)
      expect(diagnostic.endLine > diagnostic.line || diagnostic.endColumn >= diagnostic.column).toBe(true)
      expect(diagnostic.excerpt.replaceAll('*', '')).not.toMatch(/[\r\n]/)
      expect(diagnostic.excerpt).toHaveLength(lines[diagnostic.line - 1].length)
    }
  })
})

it('has a fixture for every code, and expects no other', () => {
  const used = new Set(fixtures.flatMap(({ expected }) => expected.map((line) => line.split(' ').at(-2))))

  expect([...used].toSorted()).toEqual(Object.keys(CONFIG_CODES).toSorted())
})

it('has at least 120 of them', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(120)
})

it('repeats no secret, whatever is wrong around it', () => {
  const secrets = ['AKIAEXAMPLE', 'hunter2', 'swordfish', 'open sesame', 'tok_live_1', '0a1b2c3d', 'p4rtner']
  const shown = JSON.stringify(fixtures.map(load))

  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
})
