import type * as Otel from '@opentelemetry/api'
import type { Cause, Report } from '@engage-sync/core'
import type { EngineEvent } from '../engine/index.ts'
import { SCOPE } from './sdk.ts'
import type { OtelApi } from './sdk.ts'

/** How many events of a kind a run notes; a destination that is down says it a thousand times. */
const MOST_EVENTS = 50

/**
 * A run as a trace: the run, and in it what it reads and folds, then what it guards and delivers.
 *
 * Names of the configuration, codes and counts; no values, no ids of users.
 */
export class RunTrace {
  readonly #api: OtelApi
  readonly #run: Otel.Span
  #phase: Otel.Span | null = null
  readonly #noted = new Map<string, number>()

  /**
   * @param command - names it
   * @param parent - the variable `TRACEPARENT`, by which a job names the trace it is part of
   */
  constructor(api: OtelApi, command: string, parent: string | undefined) {
    this.#api = api
    const root = api.context.active()
    const context =
      parent === undefined ? root : api.propagation.extract(root, { traceparent: parent })
    this.#run = this.#tracer().startSpan(`engage-sync ${command}`, {}, context)
  }

  /** Takes up what the engine tells. */
  observe(event: EngineEvent): void {
    switch (event.type) {
      case 'started':
        this.#run.setAttributes({
          'engage_sync.environment': event.environment,
          'engage_sync.run': event.run,
          'engage_sync.syncs': [...event.syncs],
        })
        return this.#enter('fold')
      case 'planned':
        this.#run.setAttribute('engage_sync.passes', event.passes)
        return this.#enter('deliver')
      case 'guarded':
        return this.#note('guarded', { guards: event.stops.map(({ allow }) => allow) })
      case 'recovered':
        return this.#note('recovered', { marks: event.marks })
      case 'restarted':
        return this.#note('restarted', { part: event.part })
      case 'unavailable':
        return this.#note('unavailable', { ms: event.ms })
      case 'verifying':
        return this.#note('verifying', { requests: event.requests, ms: event.ms })
      case 'finished':
        return this.#leave()
      default:
    }
  }

  /** What it is about, where the engine does not tell. */
  of(environment: string): void {
    this.#run.setAttribute('engage_sync.environment', environment)
  }

  /** How it ended. */
  reported({ status, users, braze, records, error }: Report): void {
    this.#run.setAttributes({
      'engage_sync.status': status,
      'engage_sync.records': records.read,
      'engage_sync.users_changed': users.changed,
      'engage_sync.requests': braze.requests,
      'engage_sync.data_points': braze.data_points,
    })
    if (error !== null) this.#failed(error)
  }

  /** Ends it. @param cause - what was thrown; null where nothing was */
  end(cause: Cause | null): void {
    if (cause !== null) this.#failed(cause)
    this.#leave()
    this.#run.end()
  }

  #failed({ code }: Cause): void {
    this.#run.setStatus({ code: this.#api.SpanStatusCode.ERROR, message: code })
    this.#run.setAttribute('error.type', code)
  }

  #enter(name: string): void {
    this.#leave()
    const { trace, context } = this.#api
    this.#phase = this.#tracer().startSpan(name, {}, trace.setSpan(context.active(), this.#run))
  }

  #leave(): void {
    this.#phase?.end()
    this.#phase = null
  }

  #note(name: string, facts: Readonly<Record<string, number | string[]>>): void {
    const count = (this.#noted.get(name) ?? 0) + 1
    this.#noted.set(name, count)
    if (count <= MOST_EVENTS) (this.#phase ?? this.#run).addEvent(name, facts)
  }

  #tracer() {
    return this.#api.trace.getTracer(...SCOPE)
  }
}
