import { describe, expect, it } from 'vitest'
import { CONFIG_CODES } from '../../src/config/document/codes.ts'
import { loadConfig } from '../../src/config/load.ts'
import { foundIn, readFixtures } from './fixtures.ts'

const fixtures = readFixtures('invalid')
const load = ({ files, environment }: (typeof fixtures)[number]) =>
  loadConfig(files, environment === undefined ? {} : { environment }).diagnostics

describe('every invalid configuration', () => {
  it.each(fixtures)(
    '$name: finds what is expected, where it is expected, and nothing else',
    (fixture) => {
      expect(fixture.expected).not.toEqual([])
      expect(foundIn(load(fixture))).toEqual(fixture.expected)
    },
  )

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
      expect(
        diagnostic.endLine > diagnostic.line || diagnostic.endColumn >= diagnostic.column,
      ).toBe(true)
      expect(diagnostic.excerpt.replaceAll('*', '')).not.toMatch(/[\r\n]/)
      expect(diagnostic.excerpt).toHaveLength(lines[diagnostic.line - 1].length)
    }
  })
})

it('has a fixture for every code, and expects no other', () => {
  const used = new Set(
    fixtures.flatMap(({ expected }) => expected.map((line) => line.split(' ').at(-2))),
  )

  expect([...used].toSorted()).toEqual(Object.keys(CONFIG_CODES).toSorted())
})

it('has at least 120 of them', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(120)
})

it('repeats no secret, whatever is wrong around it', () => {
  const secrets = [
    'AKIAEXAMPLE',
    'hunter2',
    'swordfish',
    'open sesame',
    'tok_live_1',
    '0a1b2c3d',
    'p4rtner',
  ]
  const shown = JSON.stringify(fixtures.map(load))

  expect(secrets.filter((secret) => shown.includes(secret))).toEqual([])
})

const PROJECT = {
  path: 'configs/engage-sync.yaml',
  text: 'version: 1\nenvironments: { local: { braze: { endpoint: simulator } } }\n',
}

/** Hints for a file; a sync has a project beside it. */
const hintsOf = (text: string, path = 'configs/shop.yaml') =>
  loadConfig([...(path === PROJECT.path ? [] : [PROJECT]), { path, text }])
    .diagnostics.filter((diagnostic) => diagnostic.path === path)
    .map(({ hint }) => hint)

it.each<[string, string, string]>([
  ['a share without its sign', 'guards: { max_removals: 20 }', 'Write `20%`.'],
  ['a share as a text', "guards: { max_removals: '20' }", 'Write `20%`.'],
  [
    'a time without its unit',
    'environments: { local: { braze: { endpoint: simulator, settle: 5 } } }',
    'Write `5s`.',
  ],
  [
    'an instance that is not listed',
    'environments: { local: { braze: { instance: US-09 } } }',
    'Braze instance, instead of `endpoint`; for one that is not in this list write its REST URL as `endpoint`.',
  ],
  [
    'a port alone',
    'serve: { listen: 8080 }',
    "E.g. `'127.0.0.1:8080'`, `':8080'`, `'[::1]:8080'`.",
  ],
  [
    'a host in the place of an instance',
    'environments: { local: { braze: { instance: fra-01 } } }',
    'Braze instance, instead of `endpoint`; for one that is not in this list write its REST URL as `endpoint`.',
  ],
  [
    'an instance in lower case, without its zero',
    'environments: { local: { braze: { instance: eu-1 } } }',
    'Did you mean "EU-01"?',
  ],
  [
    'an instance that is misspelt',
    'environments: { local: { braze: { instance: UA-03 } } }',
    'Did you mean "US-03"?',
  ],
])('proposes what works: %s', (_what, text, hint) => {
  const whole = text.startsWith('environments')
    ? text
    : `environments: { local: { braze: { endpoint: simulator } } }\n${text}`

  expect(hintsOf(`version: 1\n${whole}\n`, 'configs/engage-sync.yaml')).toContain(hint)
})

const syncOf = (rest: string) => `version: 1\nsource: engage\n${rest}\n`

it('proposes no unit where none is missing', () => {
  const hints = hintsOf(syncOf('identity: { external_id: "traits." }\ntraits: { a: a }')).join()

  expect(hints).toContain('traits.customer.id')
  expect(hints).not.toContain('traits.%')
})

it.each([
  ['and', 'all'],
  ['or', 'any'],
])('knows what filters are called elsewhere: %s is %s', (word, meant) => {
  const when = `{ ${word}: [{ trait: a, equals: b }] }`

  expect(
    hintsOf(syncOf(`traits: { a: a }\nsegments: { s: { attribute: s, when: ${when} } }`)),
  ).toContain(`Did you mean "${meant}"?`)
})

it('quotes a number as it is written', () => {
  const hints = hintsOf(
    'version: 1\nsource: engage\ntraits: { code: { attribute: code, type: string } }\nsegments: { s: { when: { trait: code, equals: 0150 }, cohort: S } }\n',
  )

  expect(hints.join()).toContain("'0150'")
})
