import type { IncomingMessage } from 'node:http'
import type { Refused, Webhook } from '../../adapters/open-webhook.ts'
import { killPoint, killPointSoon } from '../../process/kill-points.ts'
import { refusal } from './answer.ts'
import type { Answer } from './answer.ts'
import { RETRY_AFTER_SECONDS } from './limits.ts'
import { whyNotKept } from './log.ts'
import type { Closed, Log } from './log.ts'
import { readBody } from './read-body.ts'
import type { BodyRoom } from './read-body.ts'
import { countIn } from './tally.ts'
import type { SourceTally } from './tally.ts'

/** A webhook with where its events are kept. */
export interface Inlet {
  readonly webhook: Webhook
  readonly log: Log
  readonly tally: SourceTally
}

/** A request, and what it may take. */
export interface Arrival {
  readonly request: IncomingMessage
  readonly room: BodyRoom
  /** Tells a client that waits for it that its body is wanted. */
  readonly proceed: () => void
}

/**
 * Takes what Segment posts: checks who sends, keeps the events, and only then answers 200.
 *
 * Shape: the answer; null where the client left before its request was whole.
 */
export async function receive(inlet: Inlet, arrival: Arrival): Promise<Answer | null> {
  const { tally, webhook } = inlet
  const began = performance.now()
  const answer = refuseUnread(inlet, arrival.request) ?? (await readAndKeep(inlet, arrival))
  if (answer === null) return null
  countIn(tally.requests, answer.status)
  if (answer.status === 200) tally.acknowledged.add(performance.now() - began)
  else countIn(tally.refused, `${webhook.source} ${String(answer.body['code'])}`)
  return answer
}

/** What can be refused before its body is read. */
function refuseUnread({ webhook }: Inlet, { method, headers }: IncomingMessage): Answer | null {
  if (method !== 'POST') {
    const what = { code: 'SERVE_METHOD', message: 'Expected POST.' }
    return refusal(405, what, { allow: 'POST' })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    const message = 'Expected a body that is not compressed.'
    return refusal(415, { code: 'SERVE_ENCODING', message })
  }
  const length = Number(headers['content-length'] ?? 0)
  if (length > webhook.maxBytes) return refusal(413, tooLarge(webhook))
  const early = webhook.refusedEarly(headers)
  return early === null ? null : refuse(early)
}

async function readAndKeep(inlet: Inlet, { request, room, proceed }: Arrival) {
  const { webhook, log } = inlet
  if (log.closed !== null) await log.look()
  if (log.closed !== null) return unavailable(log.closed)
  proceed()
  const read = await readBody(request, { maxBytes: webhook.maxBytes, room })
  if (!read.ok) {
    if (read.why === 'gone') return null
    return read.why === 'too large' ? refusal(413, tooLarge(webhook)) : unavailable(BUSY)
  }
  const taken = webhook.take({ headers: request.headers, body: read.body })
  return taken.ok ? await keep(inlet, taken.records) : refuse(taken)
}

async function keep({ log, tally }: Inlet, records: readonly string[]): Promise<Answer> {
  if (records.length > 0) {
    const lines = Buffer.from(`${records.join('\n')}\n`)
    killPoint('before-append')
    try {
      const appended = log.append(lines)
      killPointSoon('in-append')
      await appended
    } catch (error) {
      return unavailable(whyNotKept(error))
    }
    tally.records += records.length
    tally.bytes += lines.length
    tally.lastCameMs = Date.now()
    killPoint('before-ack')
  }
  return { status: 200, body: { received: records.length } }
}

function refuse({ status, code, message }: Refused): Answer {
  return refusal(status, { code, message })
}

function tooLarge({ maxBytes }: Webhook) {
  return { code: 'WEBHOOK_TOO_LARGE', message: `Expected at most ${maxBytes} bytes.` }
}

/** Why a request is not taken though nothing is wrong with it: it is to come again. */
function unavailable(why: NonNullable<Closed>): Answer {
  return refusal(503, why, { 'retry-after': String(RETRY_AFTER_SECONDS) })
}

const BUSY: NonNullable<Closed> = {
  code: 'SERVE_BUSY',
  message: 'More is being received than there is memory for',
  hint: 'Send again in a moment.',
}
