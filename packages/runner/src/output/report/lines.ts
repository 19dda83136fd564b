import type { BrazeCounts, RecordCounts, Report } from '@engage-sync/core'
import { countOf, formatCount } from '../text/numbers.ts'
import { holdsAll } from '../../plan/view.ts'

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
  /** The same of one. Default: the name. */
  readonly one?: string
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
  { key: 'pending', name: 'changes left for the next run', one: 'change left for the next run' },
  { key: 'retries', name: 'requests tried again', one: 'request tried again' },
]

/** What the words of a status are made of. */
export type StatusFacts = Pick<Report, 'status' | 'braze' | 'error' | 'guards'>

/** The status of a run in a few words for its reader. */
export function statusWord(report: StatusFacts): string {
  switch (report.status) {
    case 'done':
      return nothingToSend(report) ? 'nothing to send' : 'done'
    case 'partial':
      return report.braze.pending > 0
        ? `done, with ${formatCount(report.braze.pending)} left for the next run`
        : 'done, with rejections'
    case 'stopped':
      return report.guards.length > 1
        ? `stopped by ${report.guards.length} guards`
        : 'stopped by a guard'
    case 'failed':
      return report.error === null ? 'failed' : `failed: ${report.error.code}`
    case 'interrupted':
      return 'interrupted'
    case 'planned':
      return 'planned'
  }
}

/** Reasons of what a run does as a matter of course: told in counts, and no warning. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['SKIPPED_HISTORY'])

/** Whether a reason is ordinary bookkeeping. */
export function isBookkeeping(code: string): boolean {
  return BOOKKEEPING.has(code)
}

/** What `skipped` means in a report: records read again for new mappings are no surprise, and said apart. */
export function skippedMeaning({ reasons, records }: Pick<Report, 'reasons' | 'records'>): string {
  const again = reasons.find(({ code }) => code === 'SKIPPED_HISTORY')?.count ?? 0
  if (again === 0) return meaningOf('skipped')
  const words = 'read again for new mappings, which they do not speak of'
  return again >= records.skipped
    ? words
    : `${formatCount(again)} ${words}; the others ${meaningOf('skipped')}`
}

function meaningOf(key: RecordClass['key']): string {
  return RECORD_CLASSES.find((each) => each.key === key)?.meaning ?? ''
}

/** Whose changes are left for the next run, or nothing where no users wait. */
export function waitingMeaning({ reasons }: Pick<Report, 'reasons'>): string {
  const users = reasons.find(({ code }) => code === 'PENDING_USER')?.count ?? 0
  return users === 0 ? '' : `of ${countOf(users, 'user')} whose records wait (PENDING_USER)`
}

/** Why a run made no request: that Braze holds all is said only where it is known. */
export function noRequestText(report: Pick<Report, 'values' | 'records' | 'braze'>): string {
  const known = holdsAll(report, report.braze.rejected)
    ? 'it already holds all of this'
    : 'nothing new to send'
  return `0 requests to Braze: ${known}.`
}

/** Whether nothing was sent, and nothing waits. */
export function nothingToSend(report: Pick<Report, 'braze'>): boolean {
  return report.braze.requests === 0 && report.braze.pending === 0
}

/** More syncs than these are counted, not named. */
const MOST_NAMES = 5

/** Names of the syncs of a report, or how many there are. */
export function syncNames(report: Pick<Report, 'sync' | 'syncs'>): string {
  if (report.syncs.length === 0) return report.sync
  if (report.syncs.length > MOST_NAMES) return countOf(report.syncs.length, 'sync')
  return report.syncs.map((sync) => sync.sync).join(', ')
}
