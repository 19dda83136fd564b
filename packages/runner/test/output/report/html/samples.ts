import type { Report } from '@engage-sync/core'
import type { CatalogEntry } from '../../../../src/catalog/catalog.ts'
import { renderCatalogPage } from '../../../../src/catalog/catalog-page.ts'
import type { UnbegunRun } from '../../../../src/workspace/state/unbegun-runs.ts'
import { renderIndexPage } from '../../../../src/output/report/html/index-page.ts'
import { renderPlanPage } from '../../../../src/output/report/html/plan-page.ts'
import { renderRunPage } from '../../../../src/output/report/html/run-page.ts'
import type { RunPage } from '../../../../src/output/report/html/run-page-view.ts'
import type { SyncOverview } from '../../../../src/output/syncs/sync-overview.ts'
import type { PlanView } from '../../../../src/plan/view.ts'
import { NOTHING_NEW, runOf, SAMPLE_REPORT } from '../sample-report.ts'

const UNIT: SyncOverview['mappings'][number] = {
  id: 'shoppers:audiences.dormant_shopper',
  kind: 'audience',
  key: 'dormant_shopper',
  type: null,
  attribute: 'dormant_shopper',
  events: ['Audience Entered', 'Audience Exited'],
  cohort: 'Dormant shoppers',
  subscription_group: null,
  backfill: true,
  timing: {
    mode: 'realtime',
    reason: null,
  } as unknown as SyncOverview['mappings'][number]['timing'],
}

/** The configuration that the pages of the tests are of. */
export const SYNCS: readonly SyncOverview[] = [
  {
    name: 'shoppers',
    path: 'shoppers.yaml',
    enabled: true,
    description: null,
    owner: 'lifecycle-team',
    tags: [],
    source: 'engage',
    fingerprint: 'f',
    mappings: [UNIT],
  },
]

/** A run that guards stopped. */
export const STOPPED: Report = {
  ...SAMPLE_REPORT,
  run: 5,
  status: 'stopped',
  error: {
    code: 'GUARD_STOPPED',
    message: 'A guard stopped it, nothing was sent: it would lose 67 members',
    hint: 'If that is meant, run again with --allow removals=shoppers:audiences.dormant_shopper',
    place: null,
  },
  guards: [
    {
      guard: 'removals',
      subject: 'shoppers:audiences.dormant_shopper',
      planned: 67,
      limit: 50,
      members: 216,
      message: 'it would lose 67 members',
      allow: 'removals=shoppers:audiences.dormant_shopper',
    },
  ],
}

/** A run's page, with what came before it. */
export function pageOf(report: Report | null, more: Partial<RunPage> = {}): string {
  return renderRunPage({
    run: runOf(report),
    environment: 'local',
    earlier: [],
    syncs: SYNCS,
    maxDataPoints: 8000,
    ...more,
  })
}

const MAPPING: PlanView['mappings'][number] = {
  mapping: 'shoppers:audiences.dormant_shopper',
  name: 'Dormant shoppers',
  users: 75,
  new: 0,
  changed: 75,
  unset: 0,
  events: 75,
  cohort_adds: 8,
  cohort_removals: 67,
  data_points: 150,
  joins: 8,
  leaves: 67,
  members: 216,
}

/** A plan with something of everything. */
export const SAMPLE_PLAN: PlanView = {
  version: 1,
  environment: 'local',
  syncs: ['shoppers'],
  as_of: '2026-03-02T09:30:00.000Z',
  has_changes: true,
  records: SAMPLE_REPORT.records,
  values: SAMPLE_REPORT.values,
  users: { seen: 812, changed: 640, created: 10, only_existing: 0 },
  configuration: { added: [], changed: [], moved: [], retired: [], orphaned: [] },
  changes: [
    {
      kind: 'changed',
      mapping: 'shoppers:audiences.dormant_shopper',
      moved_from: null,
      attribute: 'dormant_shopper',
      events: [],
      cohort: 'Dormant shoppers',
      recorded: true,
      was_away: false,
      options: [{ option: 'cohort', before: 'Dormant <60d>', after: 'Dormant shoppers' }],
      users: 75,
      data_points: 150,
      joins: 8,
      leaves: 67,
      members: 216,
      stale_users: null,
    },
  ],
  sync_changes: [
    {
      sync: 'loyalty',
      options: [{ option: 'enabled', before: 'true', after: 'false' }],
      note: 'Nothing of it is sent any more.',
    },
    {
      sync: 'shoppers',
      options: [{ option: 'identity.external_id', before: 'userId', after: 'traits.crm_id' }],
      note: 'Users may get other names in Braze: profiles of their former names keep what they hold, and nothing renews it.',
    },
  ],
  cohorts: { created: [], renamed: [] },
  by_hand: [
    {
      kind: 'segment',
      mapping: null,
      text: 'Build `Dormant shoppers` again.',
      recipe: {
        name: 'x',
        exact: true,
        notes: [],
        lines: ['One', '  two'],
      } as unknown as PlanView['by_hand'][number]['recipe'],
    },
  ],
  mappings: [
    MAPPING,
    { ...MAPPING, mapping: 'shoppers:traits.lifetime_value', name: 'ltv', joins: 0, leaves: 0 },
  ],
  base: null,
  braze: {
    requests: 30,
    seconds_at_limit: 1,
    attributes: 75,
    events: 75,
    cohort_adds: 8,
    cohort_removals: 67,
    data_points: 300,
  },
  budget: { max_data_points: 8000, share: 0.0375 },
  kinds: { additive: 83, changing: 75, destructive: 67 },
  deletions: 0,
  open_marks: 0,
  unmapped: SAMPLE_REPORT.unmapped,
  reasons: SAMPLE_REPORT.reasons,
  guards: STOPPED.guards.map((stop) => ({ ...stop, name: 'Dormant shoppers', share: 0.31 })),
  samples: [
    {
      user: 'us…1',
      attributes: [{ name: 'ltv', before: 'another value', value: 'number' }],
      events: ['Audience Exited'],
      cohorts: [{ name: 'Dormant shoppers', member: false }],
    },
  ],
  space: [],
  digest: '0123456789abcdef',
}

const ENTRY: CatalogEntry = {
  mapping: 'shoppers:audiences.dormant_shopper',
  kind: 'audience',
  key: 'dormant_shopper',
  description: 'Nobody looked at anything for 60 days.',
  type: null,
  attribute: 'dormant_shopper',
  events: ['Audience Entered'],
  cohort: 'Dormant shoppers',
  subscription_group: 'group-1',
  backfill: true,
  real_time: true,
  timing: '',
  reads: [],
  counts: [],
  data_points: 150,
  members: 216,
  last_change: { at: '2026-03-02T09:30:00.000Z', commit: '0123456789ab' },
}

const CATALOG = renderCatalogPage({
  version: 1,
  environment: 'local',
  period: { days: 30, runs: 3 },
  syncs: [
    {
      name: 'shoppers',
      path: 'configs/shoppers.yaml',
      enabled: false,
      description: 'Who is dormant.',
      owner: 'lifecycle-team',
      tags: ['lifecycle'],
      source: 'engage',
      entries: [
        ENTRY,
        {
          ...ENTRY,
          mapping: 'shoppers:segments.fans',
          kind: 'segment',
          key: 'a_name_that_is_too_long_for_any_box_that_it_is_drawn_in',
          attribute: null,
          events: [],
          reads: [ENTRY.mapping],
          counts: ['Audience Entered'],
          real_time: false,
          timing: 'It changes as time passes.',
          last_change: null,
        },
      ],
    },
  ],
})

const UNBEGUN: UnbegunRun = {
  startedMs: Date.UTC(2026, 10, 22, 3),
  endedMs: Date.UTC(2026, 10, 22, 3, 1),
  status: 'failed',
  error: {
    code: 'STATE_UNAVAILABLE',
    message: 'The database of the state cannot be reached (ECONNREFUSED)',
    hint: null,
    place: null,
  },
}

/** Every kind of page, by its name. */
export const PAGES: Readonly<Record<string, string>> = {
  'a run': pageOf(
    { ...SAMPLE_REPORT, run: 5 },
    { earlier: [runOf(NOTHING_NEW), runOf(SAMPLE_REPORT)] },
  ),
  'all runs': renderIndexPage({
    environment: 'local',
    unbegun: [UNBEGUN],
    syncs: SYNCS,
    runs: [
      runOf(STOPPED),
      runOf(NOTHING_NEW),
      runOf(SAMPLE_REPORT),
      runOf(null, { number: 2, status: 'abandoned' }),
      runOf({ ...SAMPLE_REPORT, run: 1 }),
    ],
  }),
  'a catalogue': CATALOG,
  'a plan': renderPlanPage(SAMPLE_PLAN),
  'a run with nothing to do': pageOf(NOTHING_NEW),
  'a run that guards stopped': pageOf(STOPPED),
  'a run without a report': pageOf(null, {
    run: runOf(null, {
      status: 'failed',
      error: {
        code: 'SOURCE_NOT_FOUND',
        message: 'There is no file',
        hint: 'Look.',
        place: 'data/*',
      },
    }),
  }),
}
