import type { Cause, RecordCounts } from '@engage-sync/core'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { HandOver } from './hand-over.ts'
import { Timetable } from './schedules.ts'
import { openOnceFree, openShift } from './shift.ts'
import type { Shift, ShiftOptions } from './shift.ts'
import type { Teller } from './teller.ts'
import { UpcomingConfiguration } from './upcoming.ts'

/** What all shifts of a server have in common, and who hears of them. */
export interface ShiftsOptions extends Omit<ShiftOptions, Own> {
  /** The environment as its files say now. @throws what is wrong with them */
  readonly read: () => OpenEnvironment
  readonly teller: Teller
  /** Told of what each counted, once it has ended. */
  readonly onEnded: (records: RecordCounts) => void
}

/** What is of one shift, or of what comes between two. */
type Own = 'opened' | 'due' | 'expect' | 'known' | 'onReturned' | 'say'

/** How a shift is begun. */
type Start = Partial<Pick<ShiftOptions, 'due' | 'expect' | 'allow'>>

/**
 * What a server works on, one configuration after another: a shift ends when its configuration is
 * read anew, when somebody borrows the environment, or when a source that ends is due.
 */
export class Shifts {
  readonly #options: ShiftsOptions
  readonly #upcoming: UpcomingConfiguration
  readonly #timetable: Timetable
  readonly handOver = new HandOver(() => this.#end.abort())
  /** As one of a fleet: what it went by last. */
  readonly #known: { fingerprint: string | null } = { fingerprint: null }
  /** Ends the windows of this shift. */
  #end = new AbortController()
  #current: Shift | null = null

  constructor(options: ShiftsOptions) {
    this.#options = options
    this.#upcoming = new UpcomingConfiguration(options)
    this.#timetable = new Timetable(options.io.now, () => this.#end.abort())
  }

  /** The one that is worked on; null before the first is opened. */
  get current(): Shift | null {
    return this.#current
  }

  /** Why the last configuration that was read is not worked with; null where it is. */
  get refused(): Cause | null {
    return this.#upcoming.refused
  }

  /** Opens the first one. @throws {SyncError} what keeps it from being opened */
  async open(opened: OpenEnvironment, start: Start): Promise<Shift> {
    this.#current = await openShift(this.#startOf(opened, start))
    return this.#current
  }

  /** The windows of one shift, and the way to the next; it is not opened once the signal aborts. */
  async work(signal: AbortSignal): Promise<void> {
    const shift = this.#current
    if (shift === null) return
    this.#end = new AbortController()
    this.#timetable.follow(shift.schedules)
    // What was wanted while there were no windows to end.
    if (this.#timetable.isDue || this.handOver.isWanted || this.#upcoming.isThere) this.#end.abort()
    await shift.stream.run(AbortSignal.any([signal, this.#end.signal]))
    if (signal.aborted) return
    await shift.close()
    if (this.handOver.isWanted) await this.#lend(signal)
    const next = await this.#openNext(shift.opened, signal)
    if (next === null) return
    this.#current = next
    this.#options.onEnded(shift.stream.status().records)
  }

  /** Reads the configuration anew, and works with it once the windows have ended. */
  reload(): void {
    if (this.#upcoming.read()) this.#end.abort()
  }

  /** No source is due any more. */
  stop(): void {
    this.#timetable.stop()
  }

  /** The next configuration; the former one again where that cannot be opened. */
  async #openNext(former: OpenEnvironment, signal: AbortSignal): Promise<Shift | null> {
    const next = this.#upcoming.take(former)
    const due = this.#timetable.take()
    if (next === former) return await openOnceFree(this.#startOf(former, { due }), signal)
    try {
      const shift = await openOnceFree(this.#startOf(next), signal)
      this.#upcoming.accept()
      return shift
    } catch (error) {
      this.#upcoming.refuse(error)
      return await openOnceFree(this.#startOf(former), signal)
    }
  }

  /** Lets others work, and reads the configuration anew after them: they may have changed what it says. */
  async #lend(signal: AbortSignal): Promise<void> {
    const { teller } = this.#options
    teller.say('hands the environment over, and receives on')
    await this.handOver.lend(signal)
    teller.say('has the environment again')
    this.#upcoming.read()
  }

  #startOf(opened: OpenEnvironment, start: Start = {}): ShiftOptions {
    const { read: _read, onEnded: _onEnded, teller, ...shared } = this.#options
    return {
      ...shared,
      due: 'all',
      expect: null,
      ...start,
      opened,
      known: this.#known,
      onReturned: () => this.reload(),
      say: (text) => teller.say(text),
    }
  }
}
