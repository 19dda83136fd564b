import type { Server } from 'node:http'
import { closeFront, createFront, listen, urlForOthers } from './front/index.ts'
import { watchAlarms } from './alarms.ts'
import type { AskAlarmed } from './alarms.ts'
import { BrazeTrouble } from './braze-trouble.ts'
import { feedServer } from './feeding.ts'
import { Children } from './children.ts'
import { onceAborted } from '../process/once-aborted.ts'
import { Inlets } from './inlets.ts'
import { createRoutes, measuredOf } from './routes.ts'
import type { Served } from './routes.ts'
import { announceServer } from './server-file.ts'
import type { ServerOptions } from './server-options.ts'
import type { Shift } from './shift.ts'
import { Shifts } from './shifts.ts'
import type { ShiftsOptions } from './shifts.ts'
import { serverFigures } from './desk/index.ts'
import type { Condition } from './desk/index.ts'
import { ServerCounts } from './server-counts.ts'
import { Teller } from './teller.ts'

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
  readonly #braze = new BrazeTrouble()
  readonly #shifts: Shifts
  #turned = performance.now()
  #children: Children | null = null
  #takeBack = () => undefined as void
  #url: string | null = null
  /** Aborts when the server is to end. */
  readonly #stop = new AbortController()

  constructor(options: ServerOptions) {
    this.#options = options
    this.#teller = new Teller(options.io)
    this.#counts = new ServerCounts({
      now: options.io.now,
      condition: () => this.#condition(),
      inlets: this.#inlets,
      environment: () => this.#shifts.current?.opened.environment.name ?? '',
      members: () => this.#shifts.current?.stream.members() ?? null,
      here: () => this.#url,
    })
    this.#shifts = new Shifts(this.#shiftsOptions())
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
    const { allow = [] } = this.#options
    const shift = await this.#shifts.open(opened, {
      due: 'missed',
      ...(plan !== null && { expect: plan.expect, allow: [...allow, ...plan.allow] }),
    })
    try {
      const address = given ?? opened.environment.serve.listen
      const url = await listen(this.#front, address)
      this.#url = urlForOthers(url, address)
      if (this.#options.role !== 'worker')
        this.#takeBack = announceServer(opened.place.directory, {
          url,
          secret: this.#shifts.handOver.secret,
        })
      const figures = () => serverFigures(measuredOf(this.#served()))
      this.#options.telling.ready({ environment: opened.environment.name, figures })
      return url
    } catch (error) {
      await this.#abandon(shift)
      throw error
    }
  }

  /** What the first line cannot say: paths and the sources behind them. */
  get paths(): readonly (readonly [path: string, source: string])[] {
    return [...(this.#shifts.current?.webhooks ?? [])].map(([path, { webhook }]) => [
      path,
      webhook.source,
    ])
  }

  /** Where the local Braze is; null of another one. */
  get simulator(): string | null {
    const workspace = this.#shifts.current?.workspace
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
      this.#shifts.reload()
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
      while (!signal.aborted) await this.#shifts.work(signal)
    } finally {
      stop()
      stopReloading?.()
      for (const timer of timers) clearInterval(timer)
      this.#teller.stop()
      stopAlarms()
      this.#shifts.stop()
      this.#takeBack()
      this.#counts.keep()
      await closed
      await fed
      await this.#children?.stop()
      await this.#inlets.close()
      await this.#shifts.current?.close()
    }
  }

  #shiftsOptions(): ShiftsOptions {
    const { io, read, follows, waitMs, memoryBudget, allow, role, leavesLog } = this.#options
    return {
      io,
      read,
      role,
      leavesLog,
      url: () => this.#url,
      inlets: this.#inlets,
      follows,
      waitMs,
      ...(memoryBudget !== undefined && { memoryBudget }),
      ...(allow !== undefined && { allow }),
      observe: (event) => this.#braze.observe(event),
      watch: this.#counts.watch,
      onWindow: (window) => {
        this.#counts.add(window)
        this.#options.telling.windowEnded(window)
      },
      onEnded: (records) => this.#counts.addFormer(records),
      teller: this.#teller,
    }
  }

  /** A lease that nobody works under is given back. */
  async #abandon(shift: Shift): Promise<void> {
    await shift.stream.run(AbortSignal.abort())
    await this.#inlets.close()
    await shift.close()
  }

  #alarmed(): ReturnType<AskAlarmed> {
    const opened = this.#shifts.current?.opened
    if (opened === undefined) return null
    return { opened, condition: this.#condition(), silences: this.#counts.silences }
  }

  #beat(): void {
    this.#turned = performance.now()
    this.#counts.show()
    const directory = this.#shifts.current?.opened.place.directory
    if (directory === undefined || this.#options.role === 'worker') return
    this.#counts.look(directory)
  }

  /** Where nothing else can come, the end of standard input is the server's. */
  async #feed(): Promise<void> {
    const { io } = this.#options
    const { signal } = this.#stop
    if (this.#shifts.current === null) return
    const isDone = await feedServer({
      io,
      inlets: this.#shifts.current,
      teller: this.#teller,
      signal,
    })
    if (isDone) this.#stop.abort()
  }

  async #closeFront(): Promise<void> {
    this.#counts.watch.close()
    this.#shifts.handOver.close()
    await closeFront(this.#front)
  }

  #condition(): Condition {
    const shift = this.#shifts.current
    if (shift === null) throw new Error('a server that was not started')
    return {
      status: shift.stream.status(),
      closed: new Map([...this.#inlets.logs].map(([source, { closed }]) => [source, closed])),
      isDraining: this.#stop.signal.aborted,
      braze: this.#braze.cause,
      isHandedOver: this.#shifts.handOver.isGiven,
      refusedConfiguration: this.#shifts.refused,
    }
  }

  #served(): Served {
    const condition = this.#condition()
    const environment = this.#shifts.current?.opened.environment
    const { adminToken = null, trustProxy = true } = environment?.serve ?? {}
    const rules = { adminToken, trustProxy }
    return {
      webhooks: this.#shifts.current?.webhooks ?? new Map(),
      rules,
      handOver: this.#shifts.handOver,
      debugger: this.#counts.debuggerOf({ rules, environment: environment?.name ?? '' }),
      condition,
      measured: this.#counts.measured(condition),
      turnedMs: performance.now() - this.#turned,
    }
  }
}
