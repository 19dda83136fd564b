import { setTimeout as wait } from 'node:timers/promises'
import type * as Otel from '@opentelemetry/api'
import type { Io } from '../process/io.ts'
import { programVersion } from '../process/program-version.ts'
import { isAsked, resourceAttributes } from './asked.ts'

/** The API of OpenTelemetry, loaded by who asks for it. */
export type OtelApi = typeof Otel

/** Under which name and version spans and metrics are told. */
export const SCOPE = ['engage-sync', programVersion()] as const

/** How long what was gathered may take to be sent, milliseconds. */
const FLUSH_MS = 5_000

/** What is installed for it. */
const PACKAGE = '@opentelemetry/sdk-node'

/** The SDK of OpenTelemetry, started as the standard variables say. */
export interface Started {
  readonly api: OtelApi
  /** Sends what was gathered, and ends it. */
  flush(): Promise<void>
}

/** Starts it where the variables ask for it; null where they do not, and where it is not installed, which is told. */
export async function startSdk(io: Io): Promise<Started | null> {
  if (!isAsked(io.env)) return null
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
