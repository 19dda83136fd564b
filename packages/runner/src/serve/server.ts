import type { Server } from 'node:http'
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
import { serverFigures } from './desk/index.ts'
import type { Condition } from './desk/index.ts'
import { ServerCounts } from './server-counts.ts'
import { Teller } from './teller.ts'
import { UpcomingConfiguration } from './upcoming.ts'

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
  readonly #counts: ServerCounts
  readonly #teller: Teller
  readonly #front: Server
  #shift: Shift | null = null
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
    this.#counts = new ServerCounts({
      now: options.io.now,
      condition: () => this.#condition(),
      inlets: this.#inlets,
      members: () => this.#shift?.stream.members() ?? null,
      here: () => this.#url,
    })
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
      this.#url = urlForOthers(url, address)
      if (this.#options.role !== 'worker')
        this.#takeBack = announceServer(opened.place.directory, {
          url,
          secret: this.#handOver.secret,
        })
      const figures = () => serverFigures(measuredOf(this.#served()))
      this.#options.telling.ready({ environment: opened.environment.name, figures })
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
    const stopReloading = io.onHangUp?.(() => {
      this.#reload()
      this.#children?.hangUp()
    })
    const { workers = null } = this.#options
    if (workers !== null) {
      this.#children = new Children(io, workers.argv, this.#teller)
      this.#children.start(workers.count)
    }
    this.#beat()
    const timers = [
      setInterval(() => this.#beat(), BEAT_MS),
      setInterval(() => void this.#inlets.look(), TIDY_MS),
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
      this.#counts.keep()
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
    this.#counts.addFormer(shift.stream.status().records)
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
      watch: this.#counts.watch,
      onWindow: (window) => {
        this.#counts.add(window)
        this.#options.telling.windowEnded(window)
      },
      known: this.#known,
      onReturned: () => this.#reload(),
      say: (text) => this.#teller.say(text),
    }
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

  #alarmed(): ReturnType<AskAlarmed> {
    const opened = this.#shift?.opened
    if (opened === undefined) return null
    return { opened, condition: this.#condition(), silences: this.#counts.silences }
  }

  #beat(): void {
    this.#turned = performance.now()
    this.#counts.show()
    const directory = this.#shift?.opened.place.directory
    if (directory === undefined || this.#options.role === 'worker') return
    this.#counts.look(directory)
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
    this.#counts.watch.close()
    this.#handOver.close()
    await closeFront(this.#front)
  }

  #condition(): Condition {
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
      debugger: this.#counts.debuggerOf({ rules, environment: environment?.name ?? '' }),
      condition,
      measured: this.#counts.measured(condition),
      turnedMs: performance.now() - this.#turned,
    }
  }
}
