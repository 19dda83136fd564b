import { accessOf, livez, metricsText, OPEN_METRICS_TYPE, readiness, readyz } from './desk/index.ts'
import type { AccessRules, Condition, Measured } from './desk/index.ts'
import { answerEvents, answerPage, answerScript } from './debug-routes.ts'
import type { Debugger } from './debug-routes.ts'
import { HAND_OVER_PATH } from './hand-over.ts'
import type { HandOver } from './hand-over.ts'
import { PAGE_FILES } from './page-files.ts'
import { BodyRoom, receive, refusal, send } from './front/index.ts'
import type { Exchange, Inlet } from './front/index.ts'

/** What the routes ask of the server, anew for each request. */
export interface Served {
  readonly webhooks: ReadonlyMap<string, Inlet>
  readonly rules: AccessRules
  readonly debugger: Debugger
  readonly handOver: HandOver
  readonly condition: Condition
  readonly measured: Omit<Measured, 'parts' | 'status'>
  /** How long ago the loop of the process turned, milliseconds. */
  readonly turnedMs: number
}

/** Answers every request of a server. */
export function createRoutes(ask: () => Served): (exchange: Exchange) => Promise<void> {
  const room = new BodyRoom()
  return async (exchange) => {
    const served = ask()
    const { request, response, path, proceed } = exchange
    if (served.condition.isDraining) response.setHeader('connection', 'close')
    const inlet = served.webhooks.get(path)
    if (inlet === undefined) return answerDesk(exchange, served)
    const answer = await receive(inlet, { request, room, proceed })
    if (answer === null) response.destroy()
    else send(response, answer)
  }
}

/** What the server says of itself. */
async function answerDesk(exchange: Exchange, served: Served): Promise<void> {
  const { request, response, path } = exchange
  if (path === HAND_OVER_PATH) return served.handOver.ask(exchange, served.rules.adminToken)
  const route = ROUTES.get(path)
  if (route === undefined) return send(response, NOT_FOUND)
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return send(response, refusal(405, READ_ONLY, { allow: 'GET, HEAD' }))
  await route(exchange, served)
}

type Route = (exchange: Exchange, served: Served) => void | Promise<void>

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ['/livez', ({ response }, { turnedMs }) => send(response, livez(turnedMs))],
  ['/readyz', ({ response }, { condition }) => send(response, readyz(readiness(condition), 'all'))],
  [
    '/readyz/front',
    ({ response }, { condition }) => send(response, readyz(readiness(condition), 'front')),
  ],
  ['/metrics', answerMetrics],
  ['/debug', (exchange, served) => answerPage(exchange, served.debugger)],
  ['/debug/events', (exchange, served) => answerEvents(exchange, served.debugger)],
  ...[...PAGE_FILES.keys()].map((path): readonly [string, Route] => [
    path,
    (exchange, served) => answerScript(exchange, served.debugger),
  ]),
])

async function answerMetrics({ request, response }: Exchange, served: Served): Promise<void> {
  const access = accessOf(request, served.rules)
  if (!access.ok) return send(response, access.answer)
  const { condition, measured } = served
  for (const log of measured.logs.values()) await log.look()
  const text = metricsText(measuredOf({ condition, measured }))
  response.writeHead(200, { 'content-type': OPEN_METRICS_TYPE, 'cache-control': 'no-store' })
  response.end(text)
}

/** All that metrics are made of. */
export function measuredOf({
  condition,
  measured,
}: Pick<Served, 'condition' | 'measured'>): Measured {
  return { ...measured, status: condition.status, parts: readiness(condition) }
}

const NOT_FOUND = refusal(404, { code: 'SERVE_NOT_FOUND', message: 'Nothing is here.' })
const READ_ONLY = { code: 'SERVE_METHOD', message: 'Expected GET.' }
