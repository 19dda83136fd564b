import { OpenRows, Reasons } from '@engage-sync/core'
import { duePartitions } from './partitions/due-times.ts'
import type { EngineOptions } from './request/options.ts'
import { MemberCounts } from './guards/member-counts.ts'
import { Partitions } from './partitions/partitions.ts'
import { planRowMigrations } from './partitions/row-migrations.ts'
import { prepare } from './mappings/resolve.ts'
import { RetriedLetters } from './retry/retried-letters.ts'
import type { Session } from './session.ts'
import { loadDeferred } from './deferred/load.ts'
import { unconfirmedSends } from '../state/values/values.ts'

/** Compares the configuration with the state and sets up what a run or plan shares. Commits nothing. */
export async function openSession(options: EngineOptions, when: { readonly nowMs: number; readonly run: number }): Promise<Session> {
  const { store, syncs, deadLetterDays, onlyUsers } = options
  const isRetry = options.retry !== undefined
  const prepared = await prepare(store, syncs, when.nowMs)
  const due = new Set(isRetry ? [] : await duePartitions(store, when.nowMs))
  const preparations = planRowMigrations(prepared, {
    due,
    resend: options.resend,
    isRetry,
    onlyUsers,
    keepValues: options.keepValues === true,
  })
  const rows = new OpenRows(prepared.layout)
  const members = new MemberCounts(prepared.program, prepared.bornNow)
  return {
    options,
    nowMs: when.nowMs,
    prepared,
    preparations,
    rows,
    partitions: new Partitions(store, rows, [({ rows: partition }) => members.note(partition), ...preparations.steps]),
    members,
    letterContext: { run: when.run, nowMs: options.now(), days: deadLetterDays },
    doubt: await unconfirmedSends.read(store),
    retry: options.retry === undefined ? null : await RetriedLetters.begin(store, options.retry),
    waiting: options.retry === undefined ? await loadDeferred(store) : [],
    reasons: new Reasons(),
  }
}

/** Lets every open partition go; what is pending in them is forgotten. */
export function closePartitions(rows: OpenRows): void {
  for (const open of rows.partitions) if (open !== undefined) rows.close(open.rows.number)
}
