import type { ServerResponse } from 'node:http'
import type { Json } from '@engage-sync/contract'
import { sendPage } from '../page/index.ts'
import { decodePart } from '../values/index.ts'
import { ACTIONS } from './actions.ts'
import { dumpText } from './dump.ts'
import type { Inspection } from './inspection.ts'
import type { Live } from './live.ts'
import { VIEWS } from './views.ts'

/** What answers under `/simulator`: the things to look at, and those who listen. */
export interface InspectionServer extends Inspection {
  readonly live: Live
}

/** A request to `/` or `/simulator`. */
export interface InspectionRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Buffer | null
}

/** Answers a request to `/` or `/simulator`. */
export function inspect(
  request: InspectionRequest,
  response: ServerResponse,
  inspection: InspectionServer,
): void {
  const [, , name = '', ...rest] = request.path.split('/')
  if (request.method === 'GET') {
    if (sendPage(request.path, response)) return
    if (name === 'events') return inspection.live.add(response)
    if (name === 'dump')
      return sendText(response, 200, dumpText(inspection.engine, partsOf(request.query)))
    if (name === 'exports')
      return sendArchive(
        response,
        inspection.engine.segments.archive(
          rest.join('/').replace(/\.zip$/, ''),
          inspection.engine.now(),
        ),
      )
    const view = VIEWS.get(name)
    const found =
      view === undefined ? null : view(decodePart(rest.join('/')), request.query, inspection)
    return found === null
      ? sendJson(response, 404, { message: 'Not Found' })
      : sendJson(response, 200, found)
  }
  const action = ACTIONS.get(`${request.method} ${name}`)
  const body = readJson(request.body)
  if (action === undefined) return sendJson(response, 404, { message: 'Not Found' })
  if (body === undefined) return sendJson(response, 400, { message: 'The body must be JSON' })
  const done = action(body, inspection)
  const isProblem = typeof done === 'object' && done !== null && 'problem' in done
  return isProblem
    ? sendJson(response, 400, { message: String(done.problem) })
    : sendJson(response, 200, done as Json)
}

function partsOf(query: URLSearchParams): readonly string[] {
  return (query.get('parts') ?? '').split(',').filter((part) => part !== '')
}

function sendArchive(response: ServerResponse, archive: Buffer | undefined): void {
  if (archive === undefined) return sendJson(response, 404, { message: 'Not Found' })
  response.writeHead(200, {
    'Content-Type': 'application/zip',
    'Cache-Control': 'no-store',
    'Content-Length': archive.length,
  })
  response.end(archive)
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  sendText(response, status, JSON.stringify(body))
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-store',
    'Content-Length': Buffer.byteLength(text),
  })
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
