import { serialize } from 'node:v8'
import { loadConfig } from '@engage-sync/core'
import type { WorldOptions } from './world.ts'

/** The configuration as it is once it was checked, for lives of the engine alone. */
export function normalised(url: string, options: WorldOptions): Uint8Array {
  const { syncs } = loadConfig([
    { path: 'configs/engage-sync.yaml', text: projectText(url, options) },
    { path: 'configs/shop.yaml', text: syncText('identify') },
  ])
  return serialize(syncs[0])
}

/** The project file of a world. */
export function projectText(
  url: string,
  { onUnknown, settle = '0s', databaseUrl }: WorldOptions,
): string {
  return `version: 1
environments:
  local:
    braze:
      endpoint: ${url}
      api_key: "\${BRAZE_API_KEY}"
      settle: ${settle}
      verify_after: 0s
      cohorts: { partner: simulator, partner_api_key: "\${BRAZE_API_KEY}", data_import_key: "\${BRAZE_API_KEY}" }
    sources: { engage: { events: data/*.ndjson } }
    on_unknown: ${onUnknown}
${databaseUrl === undefined ? '' : '    state: { url: "${DATABASE_URL}" }\n'}`
}

/** What is mapped in a world. @param promote - what becomes of aliases; joined ones are for one process alone */
export const mappedText = (
  promote: 'identify' | 'never',
) => `identity: { alias: { from: anonymousId, label: browser, promote: ${promote} } }
traits:
  plan: plan
  worth: { attribute: worth, type: number, event: Worth Computed }
audiences:
  vip: { attribute: vip, event: { entered: Audience Entered, exited: Audience Exited }, cohort: VIPs }
segments:
  rich: { when: { all: [{ trait: worth, more_than: 50 }, { audience: vip, equals: true }] }, cohort: Rich }
  busy: { when: { event: Worth Computed, more_than: 1 }, attribute: busy }
`

/** The sync of a world. */
export const syncText = (promote: 'identify' | 'never') =>
  `version: 1\nsource: engage\n${mappedText(promote)}`
