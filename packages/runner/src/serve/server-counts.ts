import type { RecordCounts } from '@engage-sync/core'
import { addRecords, lessRecords, NO_RECORDS } from '../engine/stream/index.ts'
import type { WindowReport } from '../engine/stream/index.ts'
import { isOwn, MemberSeries, pageState, WindowCounts } from './desk/index.ts'
import type { Condition } from './desk/index.ts'
import type { Debugger } from './debug-routes.ts'
import type { Inlets } from './inlets.ts'
import type { Served } from './routes.ts'
import { Silences } from './silence/index.ts'
import type { Silence } from './silence/index.ts'
import { Watch } from './watch/index.ts'

/** Of what a server counts. */
interface Counted {
  /** Milliseconds since the epoch. */
  readonly now: () => number
  readonly condition: () => Condition
  readonly inlets: Inlets
  /** Name of the environment; empty before one is opened. */
  readonly environment: () => string
  /** Members by mapping or segment id; null while they are not counted. */
  readonly members: () => ReadonlyMap<string, number> | null
  /** Address of this process; null before it has one. */
  readonly here: () => string | null
}

/** What a server counted since it started, over all its configurations, and what a page shows of it. */
export class ServerCounts {
  readonly watch: Watch
  readonly #of: Counted
  readonly #windows = new WindowCounts()
  readonly #silences = new Silences()
  readonly #members = new MemberSeries()
  /** Records of former configurations. */
  #former: RecordCounts = NO_RECORDS
  /** Of the stream, when its last window ended. */
  #counted: RecordCounts = NO_RECORDS

  constructor(of: Counted) {
    this.#of = of
    this.watch = new Watch(of.now, (user) => isOwn(of.condition().status, user))
  }

  /** How quiet each source is, as of the last look. */
  get silences(): readonly Silence[] {
    return this.#silences.now
  }

  /** A window ended. */
  add(window: WindowReport): void {
    const { records, frozen } = this.#of.condition().status
    this.#windows.add(window)
    this.watch.windowEnded(window, {
      counts: lessRecords(records, this.#counted),
      frozen: new Set(frozen.map(({ mapping }) => mapping)),
    })
    this.#counted = records
  }

  /** A configuration is over. @param records - of its stream */
  addFormer(records: RecordCounts): void {
    this.#former = addRecords(this.#former, records)
    this.#counted = NO_RECORDS
  }

  /** Looks what came, and who is a member. @param directory - of the environment */
  look(directory: string): void {
    const { inlets, members } = this.#of
    this.#silences.look(inlets.tallies, { directory, nowMs: Date.now() })
    const isTaken = this.#members.take(members, Date.now())
    if (isTaken && this.watch.isWatched) this.watch.tell('members', this.#members.view())
  }

  /** Who looks sees how the server stands. */
  show(): void {
    if (!this.watch.isWatched) return
    void this.#of.inlets.look()
    this.watch.tell('state', this.#pageState())
  }

  /** What the pages of the debugger are made of. */
  debuggerOf(of: Pick<Debugger, 'rules' | 'environment'>): Debugger {
    const { watch } = this
    const { condition, here } = this.#of
    return {
      ...of,
      watch,
      mappings: watch.mappings,
      pageState: () => this.#pageState(),
      members: () => this.#members.view(),
      status: condition().status,
      here: here(),
    }
  }

  /** All that metrics are made of, beside how the server stands. */
  measured({ status }: Condition): Served['measured'] {
    const { inlets, members } = this.#of
    return {
      records: addRecords(this.#former, status.records),
      tallies: inlets.tallies,
      logs: inlets.logs,
      windows: this.#windows,
      silences: this.silences,
      members,
    }
  }

  /** Keeps what is usual of each source for the next server. */
  keep(): void {
    this.#silences.keep()
  }

  #pageState(): unknown {
    const { condition, inlets, here, environment } = this.#of
    return pageState({
      environment: environment(),
      condition: condition(),
      windows: this.#windows,
      logs: inlets.logs,
      watch: this.watch,
      silences: this.silences,
      here: here(),
    })
  }
}
