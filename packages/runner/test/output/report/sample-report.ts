import type { BrazeCounts, MappingCounts, Report, RunRecord, SyncReport } from '@engage-sync/core'

const NO_BRAZE: BrazeCounts = {
  requests: 0,
  attributes: 0,
  events: 0,
  cohort_adds: 0,
  cohort_removals: 0,
  data_points: 0,
  rejected: 0,
  pending: 0,
  retries: 0,
}

const SHOPPERS: SyncReport = {
  sync: 'shoppers',
  records: {
    read: 4000,
    changed: 2104,
    unchanged: 811,
    duplicate: 97,
    stale: 31,
    unmapped: 402,
    skipped: 523,
    rejected: 32,
  },
  values: {
    read: 4100,
    changed: 2204,
    unchanged: 811,
    duplicate: 97,
    stale: 31,
    unmapped: 402,
    skipped: 523,
    rejected: 32,
    superseded: 410,
  },
  braze: {
    ...NO_BRAZE,
    requests: 30,
    attributes: 1004,
    events: 290,
    cohort_adds: 88,
    cohort_removals: 4,
    data_points: 1294,
    rejected: 2,
    retries: 1,
  },
  dead_letters: 34,
}

const LOYALTY: SyncReport = {
  ...SHOPPERS,
  sync: 'loyalty',
  braze: { ...NO_BRAZE, requests: 8, attributes: 200, events: 20, data_points: 220 },
  dead_letters: 0,
}

const NO_COUNTS: MappingCounts = {
  new: 0,
  changed: 0,
  unset: 0,
  events: 0,
  joins: 0,
  leaves: 0,
  data_points: 0,
}

const DORMANT = { ...NO_COUNTS, new: 60, events: 130, joins: 88, leaves: 42, data_points: 190 }
const LTV = { ...NO_COUNTS, new: 800, changed: 300, unset: 12, events: 160, data_points: 1112 }

/** A report with something of everything. */
export const SAMPLE_REPORT: Report = {
  ...SHOPPERS,
  version: 1,
  sync: '*',
  environment: 'local',
  run: 3,
  status: 'partial',
  error: null,
  guards: [],
  rejected: { count: 32, of: 4100 },
  braze: {
    ...SHOPPERS.braze,
    requests: 38,
    attributes: 1204,
    events: 310,
    data_points: 1514,
    pending: 3,
  },
  users: { seen: 812, changed: 640, created: 610 },
  reasons: [
    {
      code: 'RECORD_NOT_JSON',
      count: 20,
      example:
        'Expected one JSON object, got text that is not JSON (events-01.ndjson.gz record 17)',
    },
    {
      code: 'NO_IDENTIFIER',
      count: 12,
      example: 'Expected userId or anonymousId, got neither (events-02.ndjson.gz record 3)',
    },
  ],
  unmapped: [
    { key: 'favourite_colour', count: 380 },
    { key: 'last_orderd_at', count: 22 },
  ],
  recovered: { repeated: 1, skipped: 0, verified: 2 },
  rounds: { rounds: 1, requests: 2, events: 3, seconds: 61 },
  mappings: [
    {
      mapping: 'shoppers:audiences.dormant_shopper',
      users: 130,
      planned: DORMANT,
      sent: DORMANT,
      refused: 0,
      members: { before: 584, after: 630 },
    },
    {
      mapping: 'shoppers:traits.lifetime_value',
      users: 1112,
      planned: LTV,
      sent: LTV,
      refused: 2,
      members: null,
    },
  ],
  seconds: 1.84,
  syncs: [SHOPPERS, LOYALTY],
}

/** A run of the history with a report. */
export function runOf(report: Report | null, more: Partial<RunRecord> = {}): RunRecord {
  return {
    number: report?.run ?? 1,
    startedAt: '2026-03-02T09:30:00.000Z',
    finishedAt: '2026-03-02T09:30:02.000Z',
    actor: 'grace',
    commit: '0123456789abcdef',
    fingerprint: 'f',
    status: report === null || report.status === 'planned' ? 'failed' : report.status,
    report: report as unknown as RunRecord['report'],
    ...more,
  }
}

/** A second run over the same input. */
export const NOTHING_NEW: Report = {
  ...SAMPLE_REPORT,
  status: 'done',
  run: 4,
  records: {
    read: 4000,
    changed: 0,
    unchanged: 3043,
    duplicate: 0,
    stale: 0,
    unmapped: 402,
    skipped: 523,
    rejected: 32,
  },
  braze: NO_BRAZE,
  dead_letters: 0,
  reasons: [],
  unmapped: [],
  recovered: { repeated: 0, skipped: 0, verified: 0 },
  seconds: 0.21,
  syncs: [{ ...SHOPPERS, braze: NO_BRAZE, dead_letters: 0 }],
}
