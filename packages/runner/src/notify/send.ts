import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { resolveSecrets } from '@engage-sync/core'
import type { NormalisedNotify, SecretSources } from '@engage-sync/core'
import { causeOf } from '../process/cause.ts'
import type { CiJob } from '../process/ci-job.ts'
import { programVersion } from '../process/program-version.ts'
import type { Alert } from './alert.ts'
import { slackBody, webhookBody } from './messages.ts'
import { signatureHeaders } from './sign.ts'

/** How long a receiver may take to answer, and the time before it is asked once more; milliseconds. */
const TIMEOUT_MS = 10_000
const AGAIN_MS = 1_000

/** What sending needs to know. */
export interface Sending {
  readonly secrets: SecretSources
  readonly job: CiJob
  readonly nowMs: number
}

/**
 * Sends an alert; null once it was taken, else why it was not, in words that hold no address and no secret.
 *
 * A receiver that fails for a moment is asked once more. Redirections are not followed: they would take the message to
 * where nobody configured.
 */
export async function sendAlert(
  target: NormalisedNotify,
  alert: Alert,
  { secrets, job, nowMs }: Sending,
): Promise<string | null> {
  let resolved: Pick<NormalisedNotify, 'url' | 'secret'>
  try {
    resolved = resolveSecrets({ url: target.url, secret: target.secret }, secrets)
  } catch (error) {
    return causeOf(error).message
  }
  if (!isAllowed(resolved.url)) return 'its address is no https URL'
  const body = target.kind === 'slack' ? slackBody(alert, job) : webhookBody(alert, job)
  const timestamp = Math.floor(nowMs / 1000)
  const signed = { id: `msg_${randomUUID()}`, timestamp, body }
  const headers = {
    'content-type': 'application/json',
    'user-agent': `engage-sync/${programVersion()}`,
    ...(target.kind === 'webhook' ? signatureHeaders(signed, resolved.secret) : {}),
  }
  const first = await post(resolved.url, { headers, body })
  if (first === null || !first.isPassing) return first?.why ?? null
  await wait(AGAIN_MS)
  const second = await post(resolved.url, { headers, body })
  return second?.why ?? null
}

interface Refused {
  readonly why: string
  /** Whether it may go well a moment later. */
  readonly isPassing: boolean
}

async function post(
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Refused | null> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...init,
    })
    await answer.body?.cancel()
    const { ok, status } = answer
    return ok ? null : { why: `HTTP ${status}`, isPassing: status === 429 || status >= 500 }
  } catch (error) {
    return { why: failureOf(error), isPassing: true }
  }
}

/** The name of what went wrong; what it says may hold the address. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unreachable'
  if (error.name === 'TimeoutError') return `no answer in ${TIMEOUT_MS / 1000} s`
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : error.name
  return `unreachable (${code})`
}

const LOOPBACK = /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/

function isAllowed(address: string): boolean {
  const url = URL.parse(address)
  if (url === null) return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))
}
