import { expect } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import type { LoadedConfig } from '../../src/config/load.ts'
import type { NormalisedCase } from '../../src/model/case.ts'
import type { NormalisedSync } from '../../src/model/sync.ts'

const PROJECT = `version: 1
environments:
  local: { braze: { endpoint: simulator }, sources: { engage: { events: data } } }
`

/**
 * A sync named `shop` from the body of its file. Its cases may expect names the sync never writes.
 */
export function loadSync(
  body: string,
  cases?: string,
): { sync: NormalisedSync; cases: readonly NormalisedCase[]; loaded: LoadedConfig } {
  const loaded = loadConfig([
    { path: 'configs/engage-sync.yaml', text: PROJECT },
    { path: 'configs/shop.yaml', text: `version: 1\nsource: engage\n${body}` },
    ...(cases === undefined
      ? []
      : [{ path: 'configs/shop.cases.yaml', text: `version: 1\n${cases}` }]),
  ])
  expect(
    loaded.diagnostics.filter(
      ({ severity, code }) => severity === 'error' && code !== 'CASE_UNKNOWN_NAME',
    ),
  ).toEqual([])
  return { sync: loaded.syncs[0], cases: loaded.cases[0]?.cases ?? [], loaded }
}

/** A sync that has a bit of everything. */
export const SHOP = `traits:
  ltv: { attribute: ltv, type: number, event: Trait Computed }
  item: item
enrichment: { firstName: first_name, address.city: home_city }
audiences:
  vip: { attribute: vip, event: { entered: Audience Entered, exited: Audience Exited }, cohort: VIPs }
segments:
  fans: { when: { all: [{ trait: ltv, more_than: 3 }, { audience: vip, equals: true }] }, cohort: Fans }
`

/** One case of the shop from the members of its entry. */
export function loadCase(body: string, sync = SHOP): NormalisedCase {
  const indented = body
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')
  return loadSync(sync, `cases:\n  - name: one\n${indented}`).cases[0]
}
