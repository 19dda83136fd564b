import { describe, expect, it } from 'vitest'
import { hasErrors } from '../../../src/config/document/diagnostics.ts'
import { loadConfig } from '../../../src/config/load.ts'
import { migrateConfig } from '../../../src/config/migrate/migrate.ts'
import { compileSyncs } from '../../../src/mapping/compile.ts'

const PROJECT = `# The project of the shop team.
version: 0 # older than the first release

# Where we sync to.
workspaces:
  local:
    braze: { endpoint: simulator } # nothing leaves this machine
    sources: { engage: { events: 'data/**' } }
guards: { max_removals: 10% }
`
const SYNC = `# Shoppers.
version: 0

source: engage
# How users are named.
external_id: externalIds.crm_id # from the CRM

# What goes where.
mappings:
  # The worth of a user.
  - trait: lifetime_value
    attribute: ltv
    type: number # always

  - { trait: tier, attribute: 'tier', on_null: keep } # short
  - audience: vip # paying
    cohort: "VIPs"
    # Old users only.
    backfill: true

# the end
`
const files = [
  { path: 'configs/engage-sync.yaml', text: PROJECT },
  { path: 'configs/shop.yaml', text: SYNC },
]

describe('migrateConfig', () => {
  it('rewrites version 0, every comment kept', () => {
    const { migrated, diagnostics } = migrateConfig(files)

    expect(diagnostics).toEqual([])
    expect(migrated.map(({ path, from, changes }) => ({ path, from, changes }))).toEqual([
      {
        path: 'configs/engage-sync.yaml',
        from: 0,
        changes: ['`workspaces` became `environments`'],
      },
      {
        path: 'configs/shop.yaml',
        from: 0,
        changes: [
          '`mappings` became `traits` and `audiences`',
          '`external_id` moved under `identity`',
        ],
      },
    ])
    expect(migrated[0].text).toBe(`# The project of the shop team.
version: 1 # older than the first release

# Where we sync to.
environments:
  local:
    braze: { endpoint: simulator } # nothing leaves this machine
    sources: { engage: { events: 'data/**' } }
guards: { max_removals: 10% }
`)
    expect(migrated[1].text).toBe(`# Shoppers.
version: 1

source: engage
# How users are named.
identity:
  external_id: externalIds.crm_id # from the CRM

# What goes where.
traits:
  # The worth of a user.
  lifetime_value:
    attribute: ltv
    type: number # always

  tier: { attribute: 'tier', on_null: keep } # short
audiences:
  # paying
  vip:
    cohort: "VIPs"
    # Old users only.
    backfill: true

# the end
`)
  })

  it('gives what is valid and compiles', () => {
    const loaded = loadConfig(migrateConfig(files).migrated)

    expect(loaded.diagnostics).toEqual([])
    expect(compileSyncs(loaded)[0].mappings.map(({ id }) => id)).toEqual([
      'shop:traits.lifetime_value',
      'shop:traits.tier',
      'shop:audiences.vip',
    ])
  })

  it('changes nothing the second time', () => {
    expect(migrateConfig(migrateConfig(files).migrated)).toEqual({ migrated: [], diagnostics: [] })
  })

  it('keeps the line ends of the file', () => {
    const [{ text }] = migrateConfig([
      { path: 'configs/shop.yaml', text: SYNC.replaceAll('\n', '\r\n') },
    ]).migrated

    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  })

  it('changes the version of cases, and nothing else', () => {
    const text = 'version: 0\ncases:\n  - name: one # first\n    expect: {}\n'

    expect(migrateConfig([{ path: 'configs/shop.cases.yaml', text }]).migrated[0].text).toBe(
      text.replace('0', '1'),
    )
  })

  it.each([
    ['a newer version', 'version: 2\n', 'CONFIG_VERSION_NEWER'],
    ['what cannot be read', 'version: 0\n\tx: 1\n', 'YAML_TAB'],
  ])('leaves %s alone, and says so', (_, text, code) => {
    const { migrated, diagnostics } = migrateConfig([{ path: 'configs/shop.yaml', text }])

    expect(migrated).toEqual([])
    expect(diagnostics).toMatchObject([{ code, line: expect.any(Number) as number }])
  })

  it.each([
    ['mappings that are no list', 'version: 0\nsource: engage\nmappings: { a: b }\n'],
    ['an item of another kind', 'version: 0\nsource: engage\nmappings: [{ attribute: a }]\n'],
    [
      'both forms at once',
      'version: 0\nsource: engage\nmappings: [{ trait: a }]\ntraits: { a: a }\n',
    ],
  ])('leaves %s for validation to report', (_, text) => {
    const { migrated } = migrateConfig([{ path: 'configs/shop.yaml', text }])

    expect(hasErrors(loadConfig([...migrated, files[0]]).diagnostics)).toBe(true)
  })
})
