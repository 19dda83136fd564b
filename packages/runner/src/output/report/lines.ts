import type { BrazeCounts, RecordCounts, Report } from '@engage-sync/core'

/** A class of records: its counter, and what it means in a few words. */
export interface RecordClass {
  readonly key: Exclude<keyof RecordCounts, 'read'>
  readonly meaning: string
}

/** The classes a record can end in, most wanted first. Their counts add up to the records read. */
export const RECORD_CLASSES: readonly RecordClass[] = [
  { key: 'changed', meaning: 'brought something new' },
  { key: 'unchanged', meaning: 'said what is already known' },
  { key: 'duplicate', meaning: 'the same change again' },
  { key: 'stale', meaning: 'older than what is known' },
  { key: 'unmapped', meaning: 'no mapping wants their key' },
  { key: 'skipped', meaning: 'none of our business' },
  { key: 'rejected', meaning: 'could not be used' },
]

/** A counter of what went to Braze, and its name for people. */
export interface BrazeLine {
  readonly key: keyof BrazeCounts
  readonly name: string
}

/** What went to Braze, in the order it is sent. */
export const BRAZE_LINES: readonly BrazeLine[] = [
  { key: 'attributes', name: 'attributes' },
  { key: 'events', name: 'events' },
  { key: 'cohort_adds', name: 'cohort members added' },
  { key: 'cohort_removals', name: 'cohort members removed' },
]

/** What did not end well, shown only where it is not zero. */
export const BRAZE_TROUBLES: readonly BrazeLine[] = [
  { key: 'rejected', name: 'refused by Braze' },
  { key: 'pending', name: 'left for the next run' },
  { key: 'retries', name: 'requests tried again' },
]

/** The status of a run as one word for its reader. */
export function statusWord(report: Pick<Report, 'status' | 'braze' | 'records'>): string {
  switch (report.status) {
    case 'done':
      return nothingToSend(report) ? 'nothing to send' : 'done'
    case 'partial':
      return 'done, with rejections'
    case 'stopped':
      return 'stopped'
    case 'interrupted':
      return 'interrupted'
    case 'planned':
      return 'planned'
  }
}

/**
 * Whether Braze is known to hold all that was read: there were values, and none of them was
 * rejected or refused.
 */
export function holdsAll({
  values,
  records,
  braze,
}: Pick<Report, 'values' | 'records' | 'braze'>): boolean {
  return values.read > 0 && values.rejected + records.rejected + braze.rejected === 0
}

/** Whether nothing was sent, and nothing waits. */
export function nothingToSend(report: Pick<Report, 'braze'>): boolean {
  return report.braze.requests === 0 && report.braze.pending === 0
}

/** Names of the syncs of a report. */
export function syncNames(report: Pick<Report, 'sync' | 'syncs'>): string {
  return report.syncs.length === 0 ? report.sync : report.syncs.map((sync) => sync.sync).join(', ')
}
