import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { maskSecrets } from '../../src/config/mask.ts'
import { mutate, mutations } from './mutate.ts'

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
  ])('%s', (line, masked) => {
    expect(maskSecrets(line, '')).toBe(masked)
  })

  it.each(['api_key: |', 'api_key: >-', 'api_key:', "'api_key':"])('hides what stands below %s', (above) => {
    expect(maskSecrets('    hunter2 and more', above)).toBe('    ****************')
    expect(maskSecrets("    '${KEY}'", above)).toBe("    '${KEY}'")
  })
})

it('no diagnostic of a project file shows its secrets, however broken the file is', () => {
  const secret = 'hunter2hunter2'
  const project = `version: 1
environments:
  local:
    braze: { instance: US-03, api_key: ${secret} }
    segment: { space_id: spa_1, profile_api_token: '${secret}' }
    state: { url: 'postgres://engage:${secret}@db/state' }
    sources:
      hook: { webhook: { shared_secret: "${secret}" } }
`
  fc.assert(
    fc.property(mutations, (changes) => {
      const text = mutate(
        project,
        changes.map((change) => ({ ...change, kind: 'insert' })),
      )
      const { diagnostics } = loadConfig([{ path: 'configs/engage-sync.yaml', text }])

      expect(JSON.stringify(diagnostics.map(({ message, hint }) => [message, hint]))).not.toContain(secret)
    }),
    { numRuns: 300 },
  )
})
