import { Workspace, addPoints, noPoints, totalPoints } from '../model/index.ts'
import type { Work } from '../model/index.ts'
import type { Rules, Settings } from '../options/index.ts'
import { apply } from './apply.ts'
import { LastRun } from './last-run.ts'
import type { Totals } from './last-run.ts'
import { OpenRequests } from './open-requests.ts'
import { createRandom } from './random.ts'
import { RequestLog } from './request-log.ts'
import { Segments } from './segments.ts'
import { Timeline } from './timeline.ts'

/** An accepted request that is not written yet. */
export interface Pending {
  readonly request: number
  /** When it was received, and when it is written; milliseconds since the epoch. */
  readonly at: number
  readonly due: number
  readonly work: Work
}

/** Hears of everything that must survive the process. */
export interface Journal {
  accepted(pending: Pending): void
  settled(): void
  reset(): void
  /** Something changed that no request asked for. */
  changed(): void
}

/** What an engine is made of. */
export interface EngineOptions {
  readonly settings: Settings
  readonly rules: Rules
  readonly seed: number
  readonly now: () => number
}

const SILENT: Journal = { accepted() {}, settled() {}, reset() {}, changed() {} }

/** One workspace in time: accepts work, and writes it when it is due. */
export class Engine {
  readonly settings: Settings
  readonly rules: Rules
  readonly now: () => number
  workspace = new Workspace()
  requests = new RequestLog()
  readonly segments = new Segments()
  open = new OpenRequests()
  timeline = new Timeline()
  lastRun = new LastRun()
  journal: Journal = SILENT
  /** Rises with every change that can be seen. */
  version = 0
  /** Number of the latest request. */
  lastRequest = 0
  /** Requests before the latest reset; they are no part of any total. */
  forgottenRequests = 0
  readonly #random: () => number
  #pending: Pending[] = []
  #timer: NodeJS.Timeout | null = null

  constructor({ settings, rules, seed, now }: EngineOptions) {
    this.settings = settings
    this.rules = rules
    this.now = now
    this.#random = createRandom(seed)
  }

  /** Accepts work. It is written at once without a delay, else when it is due. */
  accept(request: number, work: Work, isImmediate = false): void {
    const at = this.now()
    const delay = isImmediate || !this.rules.delayedApply ? 0 : this.#delay()
    const pending = { request, at, due: at + delay, work }
    this.journal.accepted(pending)
    this.enqueue(pending)
    if (delay === 0) this.applyDue(at)
    else this.#schedule()
  }

  /** Puts accepted work into its place in the queue. */
  enqueue(pending: Pending): void {
    const before = this.#pending.findLastIndex(({ due }) => due <= pending.due)
    this.#pending.splice(before + 1, 0, pending)
  }

  /** Work that waits, in the order it will be written. */
  pending(): readonly Pending[] {
    return this.#pending
  }

  /** Writes what is due. */
  applyDue(now: number): void {
    const waiting = this.#pending.findIndex(({ due }) => due > now)
    const due = this.#pending.splice(0, waiting < 0 ? this.#pending.length : waiting)
    for (const pending of due) this.#write(pending)
  }

  /** Writes everything that waits, in the order it would have been written. */
  settle(): void {
    if (this.#pending.length === 0) return
    this.journal.settled()
    this.applyDue(Infinity)
  }

  /** Forgets everything but settings and rules. */
  reset(): void {
    this.journal.reset()
    this.#pending = []
    this.workspace = new Workspace()
    this.requests = new RequestLog()
    this.open = new OpenRequests()
    this.timeline = new Timeline()
    this.lastRun = new LastRun()
    this.forgottenRequests = this.lastRequest
    this.version += 1
  }

  /** What there is now, and has been in all. */
  totals(): Totals {
    const { directory, cohorts, points, drops } = this.workspace
    return {
      users: directory.users.size,
      requests: this.lastRequest - this.forgottenRequests,
      data_points: totalPoints(points),
      drops: drops.total(),
      members: new Map([...cohorts].map(([id, cohort]) => [id, cohort.members.size])),
    }
  }

  /** Stops the clock; what waits stays. */
  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
  }

  #delay(): number {
    const { applyDelayMs, applyShuffle } = this.settings
    return applyShuffle && this.rules.shuffle
      ? Math.floor(this.#random() * 2 * applyDelayMs)
      : applyDelayMs
  }

  #write({ request, at, work }: Pending): void {
    const points = noPoints()
    const dropsBefore = this.workspace.drops.total()
    const { workspace, settings, rules } = this
    try {
      apply(work, { workspace, settings, rules, request, at, points })
    } catch {
      // What cannot be written costs this request alone; the fuzz tests look for it in the drop
      // log.
      workspace.drops.add(
        { request, reason: 'simulator_error', input: work.kind, index: 0, name: null, user: null },
        settings.keepDrops,
      )
    }
    addPoints(workspace.points, points)
    this.timeline.add(at, 'data_points', totalPoints(points))
    this.timeline.add(at, 'drops', workspace.drops.total() - dropsBefore)
    const record = this.requests.get(request)
    if (record !== undefined) {
      record.points = points
      record.isApplied = true
    }
    this.version += 1
  }

  #schedule(): void {
    const [next] = this.#pending
    if (this.#timer !== null || next === undefined) return
    const wait = Math.max(1, next.due - this.now())
    this.#timer = setTimeout(() => {
      this.#timer = null
      this.applyDue(this.now())
      this.#schedule()
    }, wait)
  }
}
