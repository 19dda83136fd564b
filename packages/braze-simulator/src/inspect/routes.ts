import type { ServerResponse } from 'node:http'
import type { Json } from '@engage-sync/core'
import type { Engine } from '../engine.ts'
import type { Faults } from '../faults.ts'
import { VIEWS } from './views.ts'
import { ACTIONS } from './actions.ts'
import { dumpText } from './dump.ts'
import type { Live } from './live.ts'
import { sendPage } from '../page/page.ts'

/** What inspection stands on. */
export interface Inspection {
  readonly engine: Engine
  readonly faults: Faults
  readonly live: Live
}

/** A request to `/` or `/simulator`. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer | null
  readonly origin: string | undefined
  readonly host: string | undefined
}

/** Something to look at: JSON, or null for "not there". */
export type View = (rest: string, query: URLSearchParams, inspection: Inspection) => Json

/** Something to do: the answer, or what is wrong with the body. */
export type Action = (body: Json, inspection: Inspection) => Json | { readonly problem: string }

/** Answers a request to `/` or `/simulator`. */
export function inspect(asked: Asked, response: ServerResponse, inspection: Inspection): void {
  const [, , name = '', ...rest] = asked.path.split('/')
  if (asked.method === 'GET') {
    if (sendPage(asked.path, response)) return
    if (name === 'events') return inspection.live.add(response)
    if (name === 'dump') return sendText(response, 200, dumpText(inspection.engine, partsOf(asked.query)))
    const view = VIEWS.get(name)
    const found = view === undefined ? null : view(decode(rest.join('/')), asked.query, inspection)
    return found === null ? sendJson(response, 404, { message: 'Not Found' }) : sendJson(response, 200, found)
  }
  if (asked.origin !== undefined && asked.origin !== `http://${asked.host}`)
    return sendJson(response, 403, { message: 'Another site may not do this' })
  const action = ACTIONS.get(`${asked.method} ${name}`)
  const body = readJson(asked.body)
  if (action === undefined) return sendJson(response, 404, { message: 'Not Found' })
  if (body === undefined) return sendJson(response, 400, { message: 'The body must be JSON' })
  const done = action(body, inspection)
  const isProblem = typeof done === 'object' && done !== null && 'problem' in done
  return isProblem ? sendJson(response, 400, { message: String(done.problem) }) : sendJson(response, 200, done as Json)
}

function partsOf(query: URLSearchParams): readonly string[] {
  return (query.get('parts') ?? '').split(',').filter((part) => part !== '')
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  sendText(response, status, JSON.stringify(body))
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store', 'Content-Length': Buffer.byteLength(text) })
  response.end(text)
}

function readJson(body: Buffer | null): Json | undefined {
  if (body === null) return undefined
  if (body.length === 0) return {}
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch {
    return undefined
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
