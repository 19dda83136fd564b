import type { Server } from 'node:http'
import { addRecords, lessRecords, NO_RECORDS } from '../engine/stream/index.ts'
import type { WindowReport } from '../engine/stream/index.ts'
import type { RecordCounts } from '@engage-sync/core'
import type { OpenEnvironment } from '../workspace/environment/open-environment.ts'
import { closeFront, createFront, listen, urlForOthers } from './front/index.ts'
import { HandOver } from './hand-over.ts'
import { watchAlarms } from './alarms.ts'
import type { AskAlarmed } from './alarms.ts'
import { BrazeTrouble } from './braze-trouble.ts'
import { feedServer } from './feeding.ts'
import { Children } from './children.ts'
import { onceAborted } from './once-aborted.ts'
import { Inlets } from './inlets.ts'
import { createRoutes, measuredOf } from './routes.ts'
import type { Served } from './routes.ts'
import { announceServer } from './server-file.ts'
import type { PlannedStart, ServerOptions } from './server-options.ts'
import { Timetable } from './schedules.ts'
import { openOnceFree, openShift } from './shift.ts'
import type { Due, Shift, ShiftOptions } from './shift.ts'
import { isOwn, MemberSeries, pageState, serverFigures, WindowCounts } from './desk/index.ts'
import { Silences } from './silence/index.ts'
import { Teller } from './teller.ts'
import { UpcomingConfiguration } from './upcoming.ts'
import { Watch } from './watch/index.ts'

/** How a shift is begun. */
interface Start {
  readonly plan?: PlannedStart | null
  /** Which of the sources that do not go on are read. */
  readonly due?: Due
}

/** How often a log is looked at though nothing comes, milliseconds: what is worked on is removed. */
const TIDY_MS = 30_000
const BEAT_MS = 1000

/** Receives, keeps, acknowledges, and works on what came, window by window, until it is told to end. */
export class LiveServer {
  readonly #options: ServerOptions
  readonly #inlets = new Inlets()
  readonly #windows = new WindowCounts()
  readonly #silences = new Silences()
  readonly #members = new MemberSeries()
  readonly #watch: Watch
  /** Of the stream, when its last window ended. */
  #counted: RecordCounts = NO_RECORDS
  readonly #teller: Teller
  readonly #front: Server
  #shift: Shift | null = null
  /** Records of former configurations. */
  #records: RecordCounts = NO_RECORDS
  readonly #braze = new BrazeTrouble()
  readonly #upcoming: UpcomingConfiguration
  /** Ends the windows of this configuration. */
  #end = new AbortController()
  #turned = performance.now()
  readonly #timetable: Timetable
  #children: Children | null = null
  readonly #handOver = new HandOver(() => this.#end.abort())
  #takeBack = () => undefined as void
  /** As one of a fleet: what it went by last. */
  readonly #known: { fingerprint: string | null } = { fingerprint: null }
  #url: string | null = null
  /** Aborts when the server is to end. */
  readonly #stop = new AbortController()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#teller = new Teller(options.io)
    this.#upcoming = new UpcomingConfiguration({ read: options.read, teller: this.#teller })
    this.#watch = new Watch(options.io.now, (user) => isOwn(this.#condition().status, user))
    this.#timetable = new Timetable(options.io.now, () => this.#end.abort())
    this.#front = createFront(createRoutes(() => this.#served()))
  }

  /**
   * Opens the environment, takes its lease and listens; the address.
   *
   * @throws {SyncError} what keeps it from starting; nothing stays open then
   */
  async start(): Promise<string> {
    const { read, listen: given } = this.#options
    const opened = read()
    const plan = (await this.#options.plan?.(opened)) ?? null
    this.#shift = await openShift(this.#shiftOptions(opened, { plan, due: 'missed' }))
    try {
      const address = given ?? opened.environment.serve.listen
      const url = await listen(this.#front, address)
      const { secret } = this.#handOver
      this.#url = urlForOthers(url, address)
      if (this.#options.role !== 'worker')
        this.#takeBack = announceServer(opened.place.directory, { url, secret })
      const { name: environment } = opened.environment
      const figures = () => serverFigures(measuredOf(this.#served()))
      this.#options.telling.ready({ environment, figures })
      return url
    } catch (error) {
      await this.#abandon(this.#shift)
      throw error
    }
  }

  /** What the first line cannot say: paths and the sources behind them. */
  get paths(): readonly (readonly [path: string, source: string])[] {
    return [...(this.#shift?.webhooks ?? [])].map(([path, { webhook }]) => [path, webhook.source])
  }

  /** Where the local Braze is; null of another one. */
  get simulator(): string | null {
    const workspace = this.#shift?.workspace
    return workspace?.environment.braze.endpoint === 'simulator' ? workspace.braze.url : null
  }

  /**
   * Works until the process is asked to stop.
   *
   * @throws {SyncError} what ends a server: a lost lease, a state that cannot be read
   */
  async run(): Promise<void> {
    const { io } = this.#options
    const { signal } = this.#stop
    const stop = () => this.#stop.abort(io.signal.reason)
    if (io.signal.aborted) stop()
    io.signal.addEventListener('abort', stop, { once: true })
    const stopReloading = io.onHangUp?.(() => this.#reload())
    const { workers = null } = this.#options
    if (workers !== null) {
      this.#children = new Children(io, workers.argv, this.#teller)
      this.#children.start(workers.count)
    }
    this.#beat()
    const timers = [
      setInterval(() => this.#beat(), BEAT_MS),
      setInterval(() => void this.#tidy(), TIDY_MS),
      setInterval(() => this.#show(), BEAT_MS),
    ]
    this.#teller.watch(() => ({ condition: this.#condition(), tallies: this.#inlets.tallies }))
    const stopAlarms = watchAlarms(io, () => this.#alarmed())
    const closed = onceAborted(signal).then(() => this.#closeFront())
    const fed = this.#feed()
    try {
      while (!signal.aborted) await this.#work()
    } finally {
      stop()
      stopReloading?.()
      for (const timer of timers) clearInterval(timer)
      this.#teller.stop()
      stopAlarms()
      this.#timetable.stop()
      this.#takeBack()
      this.#silences.keep()
      await closed
      await fed
      await this.#children?.stop()
      await this.#inlets.close()
      await this.#shift?.close()
    }
  }

  /** The windows of one configuration, and the way to the next. */
  async #work(): Promise<void> {
    const shift = this.#shift
    if (shift === null) return
    const { signal } = this.#stop
    this.#end = new AbortController()
    this.#timetable.follow(shift.schedules)
    // What was wanted while there were no windows to end.
    if (this.#timetable.isDue || this.#handOver.isWanted || this.#upcoming.isThere)
      this.#end.abort()
    await shift.stream.run(AbortSignal.any([signal, this.#end.signal]))
    if (signal.aborted) return
    await shift.close()
    if (this.#handOver.isWanted) await this.#lend(signal)
    const next = await this.#openNext(this.#upcoming.take(shift.opened), shift.opened)
    if (next === null) return
    this.#shift = next
    this.#records = addRecords(this.#records, shift.stream.status().records)
    this.#counted = NO_RECORDS
  }

  /** The next configuration; the former one again where that cannot be opened. */
  async #openNext(next: OpenEnvironment, former: OpenEnvironment): Promise<Shift | null> {
    const due = this.#timetable.take()
    if (next === former) return await this.#openOnceFree(former, { due })
    try {
      const shift = await this.#openOnceFree(next)
      this.#upcoming.accept()
      return shift
    } catch (error) {
      this.#upcoming.refuse(error)
      return await this.#openOnceFree(former)
    }
  }

  /** Lets others work, and reads the configuration anew after them: they may have changed what it says. */
  async #lend(signal: AbortSignal): Promise<void> {
    this.#teller.say('hands the environment over, and receives on')
    await this.#handOver.lend(signal)
    this.#teller.say('has the environment again')
    this.#upcoming.read()
  }

  #openOnceFree(opened: OpenEnvironment, start: Start = {}): Promise<Shift | null> {
    return openOnceFree(this.#shiftOptions(opened, start), this.#stop.signal)
  }

  #shiftOptions(opened: OpenEnvironment, { plan = null, due = 'all' }: Start): ShiftOptions {
    const { io, follows, waitMs, memoryBudget, role, leavesLog } = this.#options
    return {
      io,
      role,
      leavesLog,
      url: () => this.#url,
      opened,
      inlets: this.#inlets,
      follows,
      waitMs,
      ...(memoryBudget !== undefined && { memoryBudget }),
      allow: [...(this.#options.allow ?? []), ...(plan?.allow ?? [])],
      due,
      expect: plan?.expect ?? null,
      observe: (event) => this.#braze.observe(event),
      watch: this.#watch,
      onWindow: (window) => this.#windowEnded(window),
      known: this.#known,
      onReturned: () => this.#reload(),
      say: (text) => this.#teller.say(text),
    }
  }

  #windowEnded(window: WindowReport): void {
    this.#windows.add(window)
    this.#options.telling.windowEnded(window)
    const records = this.#shift?.stream.status().records ?? NO_RECORDS
    this.#watch.windowEnded(window, lessRecords(records, this.#counted))
    this.#counted = records
  }

  #pageState(): unknown {
    return pageState({
      condition: this.#condition(),
      windows: this.#windows,
      logs: this.#inlets.logs,
      watch: this.#watch,
      silences: this.#silences.now,
      here: this.#url,
    })
  }

  /** A lease that nobody works under is given back. */
  async #abandon(shift: Shift): Promise<void> {
    await shift.stream.run(AbortSignal.abort())
    await this.#inlets.close()
    await shift.close()
  }

  #reload(): void {
    if (this.#upcoming.read()) this.#end.abort()
  }

  /** Who looks sees how the server stands. */
  #show(): void {
    if (!this.#watch.isWatched) return
    for (const log of this.#inlets.logs.values()) void log.look()
    this.#watch.tell('state', this.#pageState())
  }

  #alarmed(): ReturnType<AskAlarmed> {
    const shift = this.#shift
    if (shift === null) return null
    const silences = this.#silences.now
    return { opened: shift.opened, condition: this.#condition(), silences }
  }

  #countMembers(): ReadonlyMap<string, number> | null {
    return this.#shift?.stream.members() ?? null
  }

  #beat(): void {
    this.#turned = performance.now()
    const directory = this.#shift?.opened.place.directory
    if (directory === undefined || this.#options.role === 'worker') return
    this.#silences.look(this.#inlets.tallies, { directory, nowMs: Date.now() })
    const isTaken = this.#members.take(() => this.#countMembers(), Date.now())
    if (isTaken && this.#watch.isWatched) this.#watch.tell('members', this.#members.view())
  }

  async #tidy(): Promise<void> {
    for (const log of this.#inlets.logs.values()) await log.look()
  }

  /** Where nothing else can come, the end of standard input is the server's. */
  async #feed(): Promise<void> {
    const { io } = this.#options
    const { signal } = this.#stop
    if (this.#shift === null) return
    const isDone = await feedServer({ io, inlets: this.#shift, teller: this.#teller, signal })
    if (isDone) this.#stop.abort()
  }

  async #closeFront(): Promise<void> {
    this.#watch.close()
    this.#handOver.close()
    await closeFront(this.#front)
  }

  #condition() {
    const shift = this.#shift
    if (shift === null) throw new Error('a server that was not started')
    return {
      status: shift.stream.status(),
      closed: new Map([...this.#inlets.logs].map(([source, { closed }]) => [source, closed])),
      isDraining: this.#stop.signal.aborted,
      braze: this.#braze.cause,
      isHandedOver: this.#handOver.isGiven,
      refusedConfiguration: this.#upcoming.refused,
    }
  }

  #served(): Served {
    const condition = this.#condition()
    const environment = this.#shift?.opened.environment
    const { adminToken = null, trustProxy = true } = environment?.serve ?? {}
    const rules = { adminToken, trustProxy }
    return {
      webhooks: this.#shift?.webhooks ?? new Map(),
      rules,
      handOver: this.#handOver,
      debugger: {
        rules,
        watch: this.#watch,
        environment: environment?.name ?? '',
        mappings: this.#watch.mappings,
        pageState: () => this.#pageState(),
        members: () => this.#members.view(),
        status: condition.status,
        here: this.#url,
      },
      condition,
      measured: {
        records: addRecords(this.#records, condition.status.records),
        tallies: this.#inlets.tallies,
        logs: this.#inlets.logs,
        windows: this.#windows,
        silences: this.#silences.now,
        members: () => this.#countMembers(),
      },
      turnedMs: performance.now() - this.#turned,
    }
  }
}
