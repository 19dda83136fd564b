import { accessOf, debugPage, ownerOf } from './desk/index.ts'
import type { AccessRules, AnyStatus } from './desk/index.ts'
import { refusal, send } from './front/index.ts'
import type { Exchange } from './front/index.ts'
import { PAGE_FILES } from './page-files.ts'
import { Viewer } from './watch/index.ts'
import type { Watch } from './watch/index.ts'

/** What the debugger needs of the server. */
export interface Debugger {
  readonly rules: AccessRules
  readonly watch: Watch
  readonly environment: string
  /** Mappings and segments, for the filter. */
  readonly mappings: readonly string[]
  readonly pageState: () => unknown
  /** Members over time. */
  readonly members: () => unknown
  readonly status: AnyStatus
  /** Address of this process; null before it has one. */
  readonly here: string | null
}

/** Viewers at once: each holds a connection, and what it did not take yet. */
const MOST_VIEWERS = 20

const HEADERS = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'cross-origin-resource-policy': 'same-origin',
}

/** `/debug`: the page. */
export function answerPage({ request, response }: Exchange, about: Debugger): void {
  const access = accessOf(request, about.rules)
  if (!access.ok) return send(response, access.answer)
  const { environment, mappings } = about
  const { text, policy } = debugPage({ environment, mappings, mayShowValues: access.hasToken })
  response.writeHead(200, {
    ...HEADERS,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
  })
  response.end(text)
}

/** Its scripts. */
export function answerScript({ request, response, path }: Exchange, { rules }: Debugger): void {
  const access = accessOf(request, rules)
  if (!access.ok) return send(response, access.answer)
  response.writeHead(200, { ...HEADERS, 'content-type': 'text/javascript; charset=utf-8' })
  response.end(PAGE_FILES.get(path)?.())
}

/** `/debug/events`: what it shows, as server-sent events, resumed at `Last-Event-ID`. */
export function answerEvents({ request, response, query }: Exchange, about: Debugger): void {
  const access = accessOf(request, about.rules)
  if (!access.ok) return send(response, access.answer)
  const showValues = query.get('values') === '1'
  if (showValues && !access.hasToken) return send(response, VALUES)
  if (about.watch.viewers >= MOST_VIEWERS) return send(response, CROWDED)
  if (request.method === 'HEAD') return void response.writeHead(200).end()
  const wanted = query.get('user')
  const user = wanted === '' ? null : wanted
  const viewer = new Viewer(response, {
    user,
    showValues,
    lastSeq: Number(request.headers['last-event-id'] ?? 0) || 0,
  })
  viewer.tell('state', about.pageState())
  viewer.tell('members', about.members())
  if (user !== null) viewer.tell('owner', ownerOf(about.status, user, about.here))
  about.watch.add(viewer)
}

const VALUES = refusal(403, {
  code: 'SERVE_TOKEN',
  message: 'Values are shown to those who have the admin token alone.',
  hint: 'Set `serve.admin_token`.',
})
const CROWDED = refusal(
  503,
  { code: 'SERVE_BUSY', message: 'Enough people look already.' },
  { 'retry-after': '10' },
)
