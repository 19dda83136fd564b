import type { Report } from '@engage-sync/core'
import { renderRunPage } from '../../../../src/output/report/html/run-page.ts'
import type { RunPage } from '../../../../src/output/report/html/run-page-view.ts'
import type { SyncOverview } from '../../../../src/output/syncs/sync-overview.ts'
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

/** Every kind of page, by its name. */
export const PAGES: Readonly<Record<string, string>> = {
  'a run': pageOf(
    { ...SAMPLE_REPORT, run: 5 },
    { earlier: [runOf(NOTHING_NEW), runOf(SAMPLE_REPORT)] },
  ),
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
