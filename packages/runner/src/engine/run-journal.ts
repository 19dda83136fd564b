import type { Cause, Json, Report, RunRecord, StateStore } from '@engage-sync/core'
import { causeOf, INTERRUPTED } from '../process/cause.ts'
import { EXIT, exitCodeOf } from '../process/exit.ts'
import type { HeldLease } from './durable/index.ts'
import type { EngineOptions } from './request/index.ts'

/** So many of the last runs may be of workers that were killed at once. */
const MOST_WORKERS = 16

type JournalOptions = Pick<EngineOptions, 'store' | 'actor' | 'commit' | 'syncs' | 'now' | 'signal'>

/** The record of one run in the state's history, from its number to its end. */
export class RunJournal {
  readonly number: number
  /** When it started, milliseconds since the epoch. */
  readonly startedMs: number
  readonly #options: JournalOptions
  readonly #clockStart = performance.now()

  private constructor(
    options: JournalOptions,
    run: { readonly number: number; readonly startedMs: number },
  ) {
    this.#options = options
    this.number = run.number
    this.startedMs = run.startedMs
  }

  /** Takes a number. A run that is still `running` though nobody holds the lease was killed. */
  static async begin(
    options: JournalOptions,
    lease: HeldLease,
    startedMs: number,
  ): Promise<RunJournal> {
    const { store } = options
    await abandonLast(store, lease)
    return new RunJournal(options, { number: await store.allotRun(), startedMs })
  }

  /** Since it began. */
  get seconds(): number {
    return Math.round(performance.now() - this.#clockStart) / 1000
  }

  /** The run as the history keeps it, by now. */
  record(
    status: RunRecord['status'],
    report: Report | null,
    error: Cause | null = null,
  ): RunRecord {
    const { actor, commit, syncs, now } = this.#options
    return {
      number: this.number,
      startedAt: new Date(this.startedMs).toISOString(),
      finishedAt: status === 'running' ? null : new Date(now()).toISOString(),
      actor,
      commit,
      fingerprint: syncs.map(({ fingerprint }) => fingerprint).join('+'),
      status,
      report: report as unknown as Json,
      ...(error !== null && { error }),
    }
  }

  /** Notes how a run ended that could not go on, and why; a state that cannot be written keeps it as running. */
  async recordFailure(lease: HeldLease, error: unknown): Promise<void> {
    const { signal } = this.#options
    const status = exitCodeOf(error) === EXIT.guard ? 'stopped' : 'failed'
    const run = signal.aborted
      ? this.record('interrupted', null, INTERRUPTED)
      : this.record(status, null, causeOf(error))
    await this.#tryToWrite(lease, run)
  }

  /** Notes how a run ended once it is over; a state that cannot be written keeps what it has. */
  async recordEnd(lease: HeldLease, report: Report): Promise<void> {
    if (report.status !== 'planned')
      await this.#tryToWrite(lease, this.record(report.status, report))
  }

  async #tryToWrite(lease: HeldLease, run: RunRecord): Promise<void> {
    await this.#options.store.commit({ epoch: lease.current.epoch, run }).catch(() => undefined)
  }
}

async function abandonLast(store: StateStore, lease: HeldLease): Promise<void> {
  if (lease.isShared === true) return
  for (const run of await store.runs(MOST_WORKERS))
    if (run.status === 'running')
      await store.commit({ epoch: lease.current.epoch, run: { ...run, status: 'abandoned' } })
}
