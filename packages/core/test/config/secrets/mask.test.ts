import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { maskSecrets } from '../../../src/config/secrets/mask.ts'
import { mutate, mutations } from '../mutate.ts'

describe('maskSecrets', () => {
  it.each([
    ['      api_key: hunter2', '      api_key: *******'],
    ["      api_key: 'hunter2' # ours", '      api_key: ********* # ours'],
    ['      "api_key" : "hun\\"ter2"', '      "api_key" : ***********'],
    [
      'braze: { instance: US-03, api_key: hunter2 }',
      'braze: { instance: US-03, api_key: *********',
    ],
    [
      "braze: { api_key: '${KEY}', instance: US-03 }",
      "braze: { api_key: '${KEY}', instance: US-03 }",
    ],
    [
      'braze: { api_key: ${KEY}, data_import_key: hunter2 }',
      'braze: { api_key: ${KEY}, data_import_key: *********',
    ],
    ['url: postgres://reader:hunter2@db/warehouse', 'url: postgres://**************@db/warehouse'],
    ['url: https://publickey@host/1', 'url: https://*********@host/1'],
    [
      'endpoint: https://rest.iad-03.braze.com?key=hunter2 # ours',
      'endpoint: https://rest.iad-03.braze.com?*********** # ours',
    ],
    ['      dsn: hunter2', '      dsn: *******'],
    ["url: 'postgres://reader:${PASSWORD}@db/x'", "url: 'postgres://******************@db/x'"],
    ['      profile_api_token: tok', '      profile_api_token: ***'],
    [
      'header: { name: authorization, value: open sesame }',
      'header: { name: authorization, value: *************',
    ],
    ['space_id: spa_1', 'space_id: spa_1'],
    ['      api_key:hunter2', '      api_key:*******'],
    ["      api_key:' 'hunter2'", '      api_key:***********'],
    ['      api_key#: hunter2', '      api_key#: *******'],
    ['      api_key: ${hunter2', '      api_key: *********'],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line, '', true)).toBe(masked)
  })

  it.each(['api_key: |', 'api_key: >-', 'api_key:', "'api_key':"])(
    'hides what stands below %s',
    (above) => {
      expect(maskSecrets('    hunter2 and more', above, true)).toBe('    ****************')
      expect(maskSecrets("    '${KEY}'", above, true)).toBe("    '${KEY}'")
    },
  )
})

describe('a line of another file', () => {
  it.each([
    ['braze: { api_key: "abc-123" }', 'braze: { api_key: ********* }'],
    ['api-key: hunter2', 'api-key: *******'],
    ['  access token: hunter2', '  access token: *******'],
    ['Authorization: Bearer hunter2', 'Authorization: **************'],
    ["dsn: 'https://public@host/1'", 'dsn: ***********************'],
    ['password: hunter2', 'password: *******'],
    ['hook: https://example.com/x?key=hunter2', 'hook: https://example.com/x?***********'],
    ['hook: https://ada:hunter2@example.com/', 'hook: https://***********@example.com/'],
  ])('hides the value: %s', (line, masked) => {
    expect(maskSecrets(line, '', false)).toBe(masked)
  })

  it.each([
    'lifetime_value: { atribute: ltv }',
    'loyalty_key: { atribute: key }',
    'author: { atribute: author }',
    'event: { name: Spent, properties: { trait_key: what } }',
    'device_token: { attribute: token_of_device }',
    'when: { trait: value, equals: 5 }',
    'external_id: traits.customer.id',
  ])('is shown as it is: %s', (line) => {
    expect(maskSecrets(line, '', false)).toBe(line)
  })
})

it('shows the line below a reference', () => {
  expect(
    maskSecrets('      company_time_zone: Berlin', "      api_key: '${BRAZE_API_KEY}'", true),
  ).toBe('      company_time_zone: Berlin')
  expect(
    maskSecrets('      company_time_zone: Berlin', '      api_key: ${BRAZE_API_KEY}', true),
  ).toBe('      company_time_zone: Berlin')
})

const SECRET = 'hunter2hunter2'
const PROJECT = `version: 1
environments:
  local:
    braze: { instance: US-03, api_key: ${SECRET} }
    segment: { space_id: spa_1, profile_api_token: '${SECRET}' }
    state: { url: 'postgres://engage:${SECRET}@db/state' }
    sources:
      hook: { webhook: { shared_secret: "${SECRET}" } }
`
const diagnosticsOf = (text: string) =>
  loadConfig([{ path: 'configs/engage-sync.yaml', text }]).diagnostics

describe('a project file with secrets in clear', () => {
  it('shows them in no message and no hint, whatever slipped into it', () => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const text = mutate(
          PROJECT,
          changes.map((change) => ({ ...change, kind: 'insert' })),
        )

        expect(
          JSON.stringify(diagnosticsOf(text).map(({ message, hint }) => [message, hint])),
        ).not.toContain(SECRET)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['x', '#', "'", '"', '|', ' ', ':', ': ', '${', '{', '}', '__proto__'])(
    'shows them in no line either, with %j at any place',
    (slip) => {
      const places = [...PROJECT.matchAll(/\b|(?<=\W)(?=\W)/g)].map(({ index }) => index)
      const shown = places.flatMap((at) =>
        diagnosticsOf(PROJECT.slice(0, at) + slip + PROJECT.slice(at)),
      )

      expect(shown.filter((diagnostic) => JSON.stringify(diagnostic).includes(SECRET))).toEqual([])
    },
  )
})
