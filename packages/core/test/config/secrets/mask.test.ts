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
    ['braze: { instance: US-03, api_key: hunter2 }', 'braze: { instance: US-03, api_key: *********'],
    ["braze: { api_key: '${KEY}', instance: US-03 }", "braze: { api_key: '${KEY}', instance: US-03 }"],
    ['braze: { api_key: ${KEY}, data_import_key: hunter2 }', 'braze: { api_key: ${KEY}, data_import_key: *********'],
    ['url: postgres://reader:hunter2@db/warehouse', 'url: postgres://reader:*******@db/warehouse'],
    ["url: 'postgres://reader:${PASSWORD}@db/x'", "url: 'postgres://reader:***********@db/x'"],
    ['      profile_api_token: tok', '      profile_api_token: ***'],
    ['header: { name: authorization, value: open sesame }', 'header: { name: authorization, value: *************'],
    ['space_id: spa_1', 'space_id: spa_1'],
    ['      api_key:hunter2', '      api_key:*******'],
    ["      api_key:' 'hunter2'", '      api_key:***********'],
    ['      api_key#: hunter2', '      api_key#: *******'],
    ['      api_key: ${hunter2', '      api_key: *********'],
  ])('%s', (line, masked) => {
    expect(maskSecrets(line, '')).toBe(masked)
  })

  it.each(['api_key: |', 'api_key: >-', 'api_key:', "'api_key':"])('hides what stands below %s', (above) => {
    expect(maskSecrets('    hunter2 and more', above)).toBe('    ****************')
    expect(maskSecrets("    '${KEY}'", above)).toBe("    '${KEY}'")
  })
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
const diagnosticsOf = (text: string) => loadConfig([{ path: 'configs/engage-sync.yaml', text }]).diagnostics

describe('a project file with secrets in clear', () => {
  it('shows them in no message and no hint, whatever slipped into it', () => {
    fc.assert(
      fc.property(mutations, (changes) => {
        const text = mutate(
          PROJECT,
          changes.map((change) => ({ ...change, kind: 'insert' })),
        )

        expect(JSON.stringify(diagnosticsOf(text).map(({ message, hint }) => [message, hint]))).not.toContain(SECRET)
      }),
      { numRuns: 300 },
    )
  })

  it.each(['x', '#', "'", '"', '|', ' ', ':', ': ', '${', '{', '}', '__proto__'])(
    'shows them in no line either, with %j at any place',
    (slip) => {
      const places = [...PROJECT.matchAll(/\b|(?<=\W)(?=\W)/g)].map(({ index }) => index)
      const shown = places.flatMap((at) => diagnosticsOf(PROJECT.slice(0, at) + slip + PROJECT.slice(at)))

      expect(shown.filter((diagnostic) => JSON.stringify(diagnostic).includes(SECRET))).toEqual([])
    },
  )
})
