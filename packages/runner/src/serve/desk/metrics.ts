import { PARTITIONS } from '@engage-sync/core'
import type { RecordCounts } from '@engage-sync/core'
import type { WorkerStatus } from '../../engine/fleet/index.ts'
import type { StreamStatus } from '../../engine/stream/index.ts'
import { ownerText } from '../../state/format/owner-text.ts'
import { sharesOf } from '../../state/reading/workers.ts'
import type { Histogram, Log, SourceTally } from '../front/index.ts'
import { unownedPartitions } from './fleet-view.ts'
import { areReady, PARTS } from './readiness.ts'
import type { Part, PartName } from './readiness.ts'
import type { WindowCounts } from './window-counts.ts'
import type { Silence } from '../silence/index.ts'
import { openMetrics } from '../../output/formats/open-metrics.ts'
import type { HistogramMetric, Metric, Sample } from '../../output/formats/open-metrics.ts'

/** What metrics are made of. */
export interface Measured {
  readonly status: StreamStatus
  /** Records of all configurations since the server started. */
  readonly records: RecordCounts
  readonly parts: Readonly<Record<PartName, Part>>
  readonly tallies: ReadonlyMap<string, SourceTally>
  readonly logs: ReadonlyMap<string, Log>
  readonly windows: WindowCounts
  readonly silences: readonly Silence[]
  /** Members by mapping or segment id; null while they are not counted. */
  readonly members: () => ReadonlyMap<string, number> | null
}

/**
 * The same as data. Windows are told one by one to whoever takes data, so theirs are no histograms
 * here; of what is left, sums and counts.
 */
export function serverFigures(measured: Measured): readonly Metric[] {
  const families = [
    ...frontMetrics(measured),
    ...windowMetrics(measured).filter(({ type }) => type !== 'histogram'),
    ...silenceMetrics(measured),
    membersMetric(measured),
    ...standing(measured),
  ]
  return families.flatMap((family) => (family.type === 'histogram' ? totalsOf(family) : [family]))
}

function totalsOf({ name, help, series }: HistogramMetric): readonly Metric[] {
  const total = (of: 'sum' | 'count'): Metric => ({
    name: `${name}_${of}`,
    type: 'counter',
    help,
    samples: series.map((one) => ({ ...(one.labels && { labels: one.labels }), value: one[of] })),
  })
  return [total('count'), total('sum')]
}

/** What a server counted and how it stands, as OpenMetrics. Names of the configuration, no personal data. */
export function metricsText(measured: Measured): string {
  return openMetrics([
    ...frontMetrics(measured),
    ...windowMetrics(measured),
    ...silenceMetrics(measured),
    membersMetric(measured),
    ...standing(measured),
  ])
}

function frontMetrics({ tallies, logs }: Measured): readonly (Metric | HistogramMetric)[] {
  const each = [...tallies]
  return [
    {
      name: 'engage_sync_http_requests',
      type: 'counter',
      help: 'Requests to the paths of webhooks, by the status they were answered with.',
      samples: each.flatMap(([source, { requests }]) =>
        [...requests].map(([status, value]) => ({
          labels: { source, status: String(status) },
          value,
        })),
      ),
    },
    {
      name: 'engage_sync_received_records',
      type: 'counter',
      help: 'Records that were kept and acknowledged.',
      samples: each.map(([source, { records: value }]) => ({ labels: { source }, value })),
    },
    {
      name: 'engage_sync_received_bytes',
      type: 'counter',
      help: 'Bytes of the records that were kept.',
      samples: each.map(([source, { bytes: value }]) => ({ labels: { source }, value })),
    },
    {
      name: 'engage_sync_acknowledge_seconds',
      type: 'histogram',
      help: 'From the beginning of a request to its acknowledgement.',
      series: each.map(([source, { acknowledged }]) => seriesOf(acknowledged, { source })),
    },
    {
      name: 'engage_sync_log_bytes',
      type: 'gauge',
      help: 'Bytes that were received and not worked on.',
      samples: [...logs].map(([source, { backlogBytes: value }]) => ({
        labels: { source },
        value,
      })),
    },
  ]
}

function windowMetrics({ records, windows }: Measured): readonly (Metric | HistogramMetric)[] {
  return [
    {
      name: 'engage_sync_records',
      type: 'counter',
      help: 'Records worked on, by what became of them.',
      samples: Object.entries(records)
        .filter(([name]) => name !== 'read')
        .map(([name, value]) => ({ labels: { class: name }, value })),
    },
    counter('engage_sync_windows', 'Windows that were committed.', windows.windows),
    counter('engage_sync_changed_users', 'Users something was sent of, by window.', windows.users),
    counter('engage_sync_braze_requests', 'Requests that windows sent to Braze.', windows.requests),
    {
      name: 'engage_sync_window_seconds',
      type: 'histogram',
      help: 'From taking the records of a window to their commit.',
      series: [seriesOf(windows.took)],
    },
    {
      name: 'engage_sync_end_to_end_seconds',
      type: 'histogram',
      help: 'From the arrival of the oldest record of a window to its commit.',
      series: [seriesOf(windows.endToEnd)],
    },
  ]
}

const STATES = ['starting', 'catching up', 'running', 'waiting', 'draining', 'ended'] as const

function membersMetric({ members }: Measured): Metric {
  return {
    name: 'engage_sync_members',
    type: 'gauge',
    help: 'Members of a membership, as far as they were delivered.',
    samples: [...(members() ?? [])].map(([mapping, value]) => ({ labels: { mapping }, value })),
  }
}

function silenceMetrics({ silences }: Measured): readonly Metric[] {
  return [
    {
      name: 'engage_sync_source_quiet_seconds',
      type: 'gauge',
      help: 'How long nothing came to the path of a webhook.',
      samples: silences.map(({ source, quietMs }) => ({
        labels: { source },
        value: quietMs / 1000,
      })),
    },
    {
      name: 'engage_sync_source_silent',
      type: 'gauge',
      help: 'Whether that is far longer than usual.',
      samples: silences.map(({ source, isSilent }) => ({
        labels: { source },
        value: isSilent ? 1 : 0,
      })),
    },
  ]
}

function standing({ status, parts }: Measured): readonly Metric[] {
  const { lag, heldUsers, frozen, state } = status
  const isOn = (on: boolean) => (on ? 1 : 0)
  const ready = PARTS.map((part): Sample => ({ labels: { part }, value: isOn(parts[part].ok) }))
  return [
    gauge(
      'engage_sync_lag_records',
      'Records in memory that are not committed.',
      lag?.records ?? 0,
    ),
    gauge('engage_sync_lag_seconds', 'Age of the oldest of them.', (lag?.oldestMs ?? 0) / 1000),
    gauge('engage_sync_held_users', 'Users who wait.', heldUsers),
    ...fleetMetrics(status),
    gauge('engage_sync_frozen_mappings', 'Memberships held by a guard.', frozen.length),
    gauge('engage_sync_ready', 'Whether every part is ready.', isOn(areReady(parts))),
    {
      name: 'engage_sync_part_ready',
      type: 'gauge',
      help: 'Whether a part is ready.',
      samples: ready,
    },
    {
      name: 'engage_sync_state',
      type: 'gauge',
      help: 'What the windows do now.',
      samples: STATES.map((each) => ({ labels: { state: each }, value: isOn(each === state) })),
    },
  ]
}

/** Who owns what, as this process saw it last; nothing of one that works alone. */
function fleetMetrics(status: StreamStatus | WorkerStatus): readonly Metric[] {
  if (!('fleet' in status)) return []
  const shares = status.fleet === null ? [] : sharesOf(status.fleet, status.configuration)
  return [
    gauge('engage_sync_owned_partitions', 'Partitions of this process.', status.partitions.length),
    gauge('engage_sync_workers', 'Workers that share the environment.', shares.length),
    gauge(
      'engage_sync_unowned_partitions',
      'Partitions that no worker works on, though some are there.',
      unownedPartitions(status),
    ),
    {
      name: 'engage_sync_worker_partitions',
      type: 'gauge',
      help: 'Partitions of each worker.',
      samples: shares.map(({ worker, partitions }) => ({
        labels: { worker: ownerText(worker) },
        value: partitions.length,
      })),
    },
    {
      name: 'engage_sync_worker_configuration',
      type: 'gauge',
      help: 'Which configuration each worker has, counted from the first.',
      samples: shares.map(({ worker, configuration }) => ({
        labels: { worker: ownerText(worker) },
        value: configuration,
      })),
    },
    gauge(
      'engage_sync_rollout_partitions',
      'Partitions that are in line with the newest configuration.',
      status.configuration.rollout?.done.length ?? PARTITIONS,
    ),
  ]
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: 'counter', help, samples: [{ value }] }
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: 'gauge', help, samples: [{ value }] }
}

function seriesOf(
  { bounds, counts, sum, count }: Histogram,
  labels: Readonly<Record<string, string>> = {},
): HistogramMetric['series'][number] {
  return { labels, bounds, counts, sum, count }
}
