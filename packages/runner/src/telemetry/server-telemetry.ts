import type * as Otel from '@opentelemetry/api'
import type { WindowReport } from '../engine/stream/index.ts'
import type { Metric } from '../output/formats/open-metrics.ts'
import { causeOf } from '../process/cause.ts'
import type { Io } from '../process/io.ts'
import { followFigures, otelName } from './figures.ts'
import { SCOPE, startSdk } from './sdk.ts'
import type { OtelApi } from './sdk.ts'

/** What is asked of a server that is told of. */
export interface ToldServer {
  readonly environment: string
  /** What it counted and how it stands. */
  figures(): readonly Metric[]
}

/** What a server tells of itself. */
export interface ServerTelling {
  /** It listens, and what it has to catch up with comes first. */
  readonly ready: (server: ToldServer) => void
  readonly windowEnded: (window: WindowReport) => void
}

const NOTHING: ServerTelling = { ready: () => undefined, windowEnded: () => undefined }

/**
 * Serves with a trace of the start and one a window, sampled as the standard variables of OpenTelemetry say, and with
 * what the server counts as metrics, where they ask for that. A collector that is down changes nothing.
 */
export async function withServerTelemetry<Result>(
  io: Io,
  work: (telling: ServerTelling) => Promise<Result>,
): Promise<Result> {
  const sdk = await startSdk(io)
  if (sdk === null) return work(NOTHING)
  const trace = new ServerTrace(sdk.api, io.env['TRACEPARENT'])
  try {
    return await work({
      ready: (server) => trace.ready(server),
      windowEnded: (window) => trace.windowEnded(window),
    })
  } catch (error) {
    trace.failed(causeOf(error).code)
    throw error
  } finally {
    trace.end()
    await sdk.flush()
  }
}

/**
 * A server as traces: its start, which ends when it listens, and each window by itself, with a link to that start.
 *
 * Counts and times; no values, no ids of users.
 */
class ServerTrace {
  readonly #api: OtelApi
  readonly #tracer: Otel.Tracer
  readonly #start: Otel.Span
  readonly #took: Otel.Histogram
  readonly #endToEnd: Otel.Histogram
  #server: ToldServer | null = null

  constructor(api: OtelApi, parent: string | undefined) {
    this.#api = api
    this.#tracer = api.trace.getTracer(...SCOPE)
    const root = api.context.active()
    const context =
      parent === undefined ? root : api.propagation.extract(root, { traceparent: parent })
    this.#start = this.#tracer.startSpan('engage-sync serve', {}, context)
    const meter = api.metrics.getMeter(...SCOPE)
    const seconds = (name: string, description: string) =>
      meter.createHistogram(otelName(name), { description, unit: 's' })
    this.#took = seconds(
      'engage_sync_window_seconds',
      'From taking the records of a window to their commit.',
    )
    this.#endToEnd = seconds(
      'engage_sync_end_to_end_seconds',
      'From the arrival of the oldest record of a window to its commit.',
    )
  }

  ready(server: ToldServer): void {
    this.#server = server
    this.#start.setAttribute('engage_sync.environment', server.environment)
    this.#start.end()
    followFigures(
      this.#api,
      () => server.environment,
      () => server.figures(),
    )
  }

  windowEnded({
    number,
    startedMs,
    ms,
    records,
    users,
    requests,
    held,
    oldestMs,
  }: WindowReport): void {
    const environment = this.#server?.environment ?? ''
    const waitedMs = oldestMs === null ? null : startedMs + ms - oldestMs
    const span = this.#tracer.startSpan('window', {
      root: true,
      startTime: startedMs,
      links: [{ context: this.#start.spanContext() }],
      attributes: {
        'engage_sync.environment': environment,
        'engage_sync.window': number,
        'engage_sync.records': records,
        'engage_sync.users_changed': users,
        'engage_sync.requests': requests,
        'engage_sync.held_users': held,
        ...(waitedMs !== null && { 'engage_sync.end_to_end_ms': waitedMs }),
      },
    })
    span.end(startedMs + ms)
    this.#took.record(ms / 1000, { environment })
    if (waitedMs !== null) this.#endToEnd.record(waitedMs / 1000, { environment })
  }

  failed(code: string): void {
    if (this.#server !== null) return
    this.#start.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: code })
    this.#start.setAttribute('error.type', code)
  }

  /** Of a server that never listened. */
  end(): void {
    if (this.#server === null) this.#start.end()
  }
}
