import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Twelve attributes, of every type a trait can have. */
export const TWELVE_ATTRIBUTES = `version: 1
source: engage
backfill: true
identity: { external_id: userId, create_users: true }
traits:
  last_product_viewed_item: last_product_viewed_item
  lifetime_value: { attribute: lifetime_value, type: number }
  loyalty_points: { attribute: loyalty_points, type: integer }
  loyalty_tier: loyalty_tier
  last_order_at: { attribute: last_order_at, type: time }
  favorite_categories: { attribute: favorite_categories, type: array }
  preferred_store: { attribute: preferred_store, type: object }
  is_subscriber: { attribute: is_subscriber, type: boolean }
audiences:
  dormant_shopper: dormant_shopper
  loyalty_vip: loyalty_vip
  points_expiring: points_expiring
  birthday_month: birthday_month
`

/** One more, which an older state does not know. */
export const THIRTEEN_ATTRIBUTES = TWELVE_ATTRIBUTES.replace(
  'audiences:\n',
  '  preferred_store.city: store_city\naudiences:\n',
)

/** The same computations through every encoding: attributes, events, cohorts, and two segments. */
export const EVERY_ENCODING = `version: 1
source: engage
backfill: true
identity: { external_id: userId, create_users: true }
traits:
  last_product_viewed_item: last_product_viewed_item
  lifetime_value: { attribute: lifetime_value, type: number, event: Trait Computed }
  loyalty_points: { attribute: loyalty_points, type: integer }
  loyalty_tier: loyalty_tier
  last_order_at: { attribute: last_order_at, type: time }
  favorite_categories: { attribute: favorite_categories, type: array }
  preferred_store: { attribute: preferred_store, type: object }
  is_subscriber: { attribute: is_subscriber, type: boolean }
audiences:
  dormant_shopper: { attribute: dormant_shopper, event: { entered: Audience Entered, exited: Audience Exited }, cohort: Dormant shoppers }
  loyalty_vip: { attribute: vip, cohort: Loyalty VIPs }
  points_expiring: points_expiring
  birthday_month: birthday_month
segments:
  sweater_fans:
    when: { all: [{ trait: last_product_viewed_item, matches: sweater }, { audience: dormant_shopper, equals: true }] }
    cohort: Sweater fans
  gold_and_rich:
    when: { all: [{ trait: loyalty_tier, in: [gold, platinum] }, { trait: lifetime_value, more_than: 300 }] }
    attribute: gold_and_rich
`

/** A project in a directory of its own, with one source, that talks to a sink. */
export interface BenchProject {
  readonly directory: string
  /** What `engage-sync run` is called with. */
  readonly run: readonly string[]
  /** Puts the state back to what `keepState` kept, or to nothing. */
  restoreState(): Promise<void>
  keepState(): Promise<void>
  /** @param source - in YAML, on one line */
  useSource(source: string): Promise<void>
  /** Replaces the sync. */
  useSync(text: string): Promise<void>
  remove(): Promise<void>
}

/** The command as it is shipped: bundled, by `npm run build`. */
const COMMAND = join(import.meta.dirname, '../bin/engage-sync.js')

/** A file of events as a source. */
export function fileSource(path: string): string {
  return `{ events: '${path}' }`
}

/** Makes one. */
export async function createProject(options: {
  readonly sync: string
  readonly source: string
  readonly url: string
  /** More of the environment, in YAML. Default: nothing. */
  readonly more?: string
}): Promise<BenchProject> {
  const directory = await mkdtemp(join(tmpdir(), 'engage-sync-bench-'))
  const state = join(directory, '.engage-sync')
  const kept = join(directory, 'kept')
  const useSource = (source: string) =>
    writeFile(
      join(directory, 'configs/engage-sync.yaml'),
      projectText(source, options.url, options.more),
    )
  const useSync = (text: string) => writeFile(join(directory, 'configs/bench.yaml'), text)
  await mkdir(join(directory, 'configs'))
  await useSource(options.source)
  await useSync(options.sync)
  await mkdir(kept)
  return {
    directory,
    run: ['--max-old-space-size=4096', COMMAND, 'run', '--format', 'json'],
    restoreState: async () => {
      await rm(state, { recursive: true, force: true })
      await cp(kept, state, { recursive: true })
    },
    keepState: async () => {
      await rm(kept, { recursive: true, force: true })
      await cp(state, kept, { recursive: true })
    },
    useSource,
    useSync,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

function projectText(source: string, url: string, more = ''): string {
  return `version: 1
environments:
  local:
    sources: { engage: ${source} }
    braze:
      endpoint: ${url}
      api_key: '\${BENCH_KEY}'
      batch: combined
      settle: 0s
      cohorts: { partner: simulator, partner_api_key: '\${BENCH_KEY}', data_import_key: '\${BENCH_KEY}' }
${more}guards: { max_data_points: 100000000, empty_source: stop }
`
}
