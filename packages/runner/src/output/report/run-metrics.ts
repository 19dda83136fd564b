import type { MappingReport, Report, RunRecord } from '@engage-sync/core'
import { openMetrics } from '../formats/open-metrics.ts'
import type { Metric, Sample } from '../formats/open-metrics.ts'
import type { FailedEnd } from './end.ts'
import { BRAZE_LINES, RECORD_CLASSES } from './lines.ts'

const STATUSES: readonly RunRecord['status'][] = [
  'done',
  'partial',
  'stopped',
  'failed',
  'interrupted',
]

/**
 * A run's figures as OpenMetrics: of the last run, whatever it was, so that each is a gauge.
 *
 * Shape: names of the configuration and counts; no values, no ids of users.
 *
 * @param nowMs - when it ended, milliseconds since the epoch
 */
export function runMetrics(report: Report, nowMs: number): string {
  return textOf(report.environment, runFigures(report, nowMs))
}

/** The same as data, without the environment. */
export function runFigures(report: Report, nowMs: number): readonly Metric[] {
  const { run, seconds, records, users, braze, dead_letters: letters } = report
  return [
    ...endMetrics({ status: report.status, code: report.error?.code ?? null }, nowMs),
    gauge('run_number', 'Number of the run.', run),
    gauge('run_seconds', 'How long it took.', seconds),
    labelled(
      'run_records',
      'Records read, by what became of them.',
      'class',
      RECORD_CLASSES.map(({ key }) => [key, records[key]]),
    ),
    gauge('run_values_read', 'Values read.', report.rejected.of),
    gauge('run_values_rejected', 'Of these, could not be used.', report.rejected.count),
    labelled('run_users', 'Users seen, changed, made.', 'what', [
      ['seen', users.seen],
      ['changed', users.changed],
      ['created', users.created],
    ]),
    labelled(
      'run_sent',
      'Changes that Braze took.',
      'kind',
      BRAZE_LINES.map(({ key }) => [key, braze[key]]),
    ),
    gauge('run_requests', 'Requests to Braze.', braze.requests),
    gauge('run_retries', 'Requests tried again.', braze.retries),
    gauge('run_data_points', 'Data points used.', braze.data_points),
    gauge('run_refused', 'Changes that Braze refused.', braze.rejected),
    gauge('run_pending', 'Changes left to the next run.', braze.pending),
    gauge('run_dead_letters', 'Dead letters kept.', letters),
    gauge('run_guards', 'Guards that stopped it.', report.guards.length),
    labelled(
      'run_reasons',
      'Records and values, by why they were rejected or skipped.',
      'code',
      report.reasons.map(({ code, count }) => [code, count]),
    ),
    ...mappingMetrics(report.mappings ?? []),
  ]
}

/** The same of a run that ended before it had a report. */
export function failedRunMetrics({ environment, status, error }: FailedEnd, nowMs: number): string {
  return textOf(environment, endMetrics({ status, code: error.code }, nowMs))
}

function endMetrics(
  { status, code }: { readonly status: Report['status']; readonly code: string | null },
  nowMs: number,
): readonly Metric[] {
  return [
    labelled(
      'run_status',
      'How it ended: 1 at its status.',
      'status',
      STATUSES.map((each) => [each, each === status ? 1 : 0]),
    ),
    labelled('run_error', 'Why it ended, by code.', 'code', code === null ? [] : [[code, 1]]),
    gauge('run_end_timestamp_seconds', 'When it ended, since the epoch.', nowMs / 1000),
  ]
}

function mappingMetrics(mappings: readonly MappingReport[]): readonly Metric[] {
  const each = (of: (one: MappingReport) => number) =>
    mappings.map((one): Pair => [one.mapping, of(one)])
  const moved = mappings.filter(({ members }) => members !== null)
  return [
    labelled(
      'run_mapping_data_points',
      'Data points used, by mapping.',
      'mapping',
      each(({ sent }) => sent.data_points),
    ),
    labelled(
      'run_mapping_joins',
      'Users who joined.',
      'mapping',
      each(({ sent }) => sent.joins),
    ),
    labelled(
      'run_mapping_leaves',
      'Users who left.',
      'mapping',
      each(({ sent }) => sent.leaves),
    ),
    labelled(
      'mapping_members',
      'Members at its end, of memberships that it changed.',
      'mapping',
      moved.map(({ mapping, members }) => [mapping, members?.after ?? 0]),
    ),
  ]
}

type Pair = readonly [label: string, value: number]

/** A gauge with one value. */
export function gauge(name: string, help: string, value: number): Metric {
  return { name: `engage_sync_${name}`, type: 'gauge', help, samples: [{ value }] }
}

/** A gauge with a value for each of some names. @param label - what the names are */
export function labelled(
  ...[name, help, label, pairs]: readonly [
    name: string,
    help: string,
    label: string,
    pairs: readonly Pair[],
  ]
): Metric {
  const samples = pairs.map(([each, value]): Sample => ({ labels: { [label]: each }, value }))
  return { name: `engage_sync_${name}`, type: 'gauge', help, samples }
}

/** Metrics of an environment as text; those without a value are left out. */
export function textOf(environment: string, metrics: readonly Metric[]): string {
  return openMetrics(
    metrics
      .filter(({ samples }) => samples.length > 0)
      .map((metric) => ({
        ...metric,
        samples: metric.samples.map(({ labels, value }) => ({
          labels: { environment, ...labels },
          value,
        })),
      })),
  )
}
