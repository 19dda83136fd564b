import { setTimeout as wait } from 'node:timers/promises'
import type { Report } from '@engage-sync/core'
import type { Observer } from '../engine/index.ts'
import { causeOf } from '../process/cause.ts'
import type { ExitCode } from '../process/exit.ts'
import type { Io } from '../process/io.ts'
import { programVersion } from '../process/program-version.ts'
import { isAsked, resourceAttributes } from './asked.ts'
import { RunTrace } from './run-trace.ts'
import type { OtelApi } from './run-trace.ts'

/** What a run tells of itself while it works, and at its end. */
export interface Telling {
  readonly observe: Observer
  readonly reported: (report: Report) => void
}

const NOTHING: Telling = { observe: () => undefined, reported: () => undefined }

/** How long what was gathered may take to be sent, milliseconds. */
const FLUSH_MS = 5_000

/** What is installed for it. */
const PACKAGE = '@opentelemetry/sdk-node'

/**
 * Runs something as a trace, with its figures as metrics, where the standard variables of OpenTelemetry ask for that.
 *
 * Its SDK is loaded only then. One that is not there, or a collector that is down, changes nothing about the run.
 */
export async function withTelemetry(
  io: Io,
  work: (telling: Telling) => Promise<ExitCode>,
): Promise<ExitCode> {
  const sdk = isAsked(io.env) ? await start(io) : null
  if (sdk === null) return work(NOTHING)
  const trace = new RunTrace(sdk.api, io.env['TRACEPARENT'])
  const telling: Telling = {
    observe: (event) => trace.observe(event),
    reported: (report) => trace.reported(report, io.now()),
  }
  try {
    const code = await work(telling)
    trace.end(null)
    return code
  } catch (error) {
    trace.end(causeOf(error))
    throw error
  } finally {
    await sdk.flush()
  }
}

interface Started {
  readonly api: OtelApi
  /** Sends what was gathered, and ends it. */
  flush(): Promise<void>
}

async function start(io: Io): Promise<Started | null> {
  try {
    const api = await import('@opentelemetry/api')
    const { NodeSDK } = await import('@opentelemetry/sdk-node')
    const attributes = {
      'service.version': programVersion(),
      ...resourceAttributes(io.env),
      'service.name': io.env['OTEL_SERVICE_NAME'] ?? 'engage-sync',
    }
    // No detector of its own: that of processes tells the command line, which may name a user.
    const sdk = new NodeSDK({
      resourceDetectors: [{ detect: () => ({ attributes }) }],
      instrumentations: [],
      logRecordProcessors: [],
    })
    sdk.start()
    return {
      api,
      flush: () =>
        Promise.race([sdk.shutdown().catch(() => undefined), wait(FLUSH_MS, undefined, UNREF)]),
    }
  } catch {
    warn(io)
    return null
  }
}

const UNREF = { ref: false } as const

function warn(io: Io): void {
  const message = `OpenTelemetry is asked for, but ${PACKAGE} cannot be loaded: npm install ${PACKAGE} @opentelemetry/api`
  if (io.log !== undefined) io.log({ level: 'warning', code: 'TELEMETRY_MISSING', message })
  else io.stderr.write(`! ${message} (TELEMETRY_MISSING)\n`)
}
