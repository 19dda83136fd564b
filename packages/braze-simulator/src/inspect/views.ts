import type { Json, JsonObject } from '@engage-sync/contract'
import type { Engine, RequestRecord } from '../engine/index.ts'
import { DROP_TEXTS, exportProfile, totalPoints } from '../model/index.ts'
import type { User } from '../model/index.ts'
import { RULES } from '../options/index.ts'
import { lastRunView, timelineView } from './history-views.ts'
import type { View } from './inspection.ts'
import { settingsView } from './settings-view.ts'

const PAGE = 100

/** What `GET /simulator/<name>` shows. */
export const VIEWS: ReadonlyMap<string, View> = new Map<string, View>([
  [
    'users',
    (id, query, { engine }) => (id === '' ? userPage(engine, query) : userView(engine, id, query)),
  ],
  [
    'cohorts',
    (id, query, { engine }) => (id === '' ? cohortList(engine) : cohortView(engine, id, query)),
  ],
  ['ledger', (_, __, { engine }) => ledgerView(engine)],
  ['requests', (number, query, { engine }) => requestsView(engine, number, query)],
  ['drops', (_, query, { engine }) => dropsView(engine, query)],
  [
    'overlaps',
    (_, __, { engine: { open } }) => ({
      total: open.total,
      overlaps: open.latest() as unknown as Json,
    }),
  ],
  ['summary', (_, __, { engine }) => summaryView(engine)],
  ['segments', (_, __, { engine }) => ({ segments: engine.segments.list() as unknown as Json })],
  ['timeline', (_, __, { engine }) => timelineView(engine)],
  ['last-run', (_, __, { engine }) => lastRunView(engine)],
  ['settings', (_, __, { engine }) => settingsView(engine)],
  [
    'rules',
    (_, __, { engine }) =>
      Object.entries(RULES).map(([name, rule]) => ({
        name,
        ...rule,
        on: engine.rules[name as keyof typeof RULES],
      })),
  ],
  ['faults', (_, __, { faults }) => ({ faults: faults.list() as unknown as Json })],
])

/**
 * The numbers a page shows first. `requests` and `objects` are of this process, everything else of
 * all time.
 */
export function summaryView(engine: Engine): JsonObject {
  const { workspace, requests, version, open } = engine
  const { members: _, requests: allRequests, ...totals } = engine.totals()
  return {
    version,
    ...totals,
    cohorts: workspace.cohorts.size,
    requests: requests.total,
    objects: { ...requests.objects },
    all_requests: allRequests,
    written: { ...workspace.written },
    overlaps: open.total,
  }
}

function userPage(engine: Engine, query: URLSearchParams): JsonObject {
  const offset = number(query.get('offset'), 0)
  const limit = number(query.get('limit'), PAGE)
  const search = query.get('search') ?? ''
  const users: Json[] = []
  let position = 0
  for (const user of engine.workspace.directory.users) {
    if (search !== '' && !mentions(user, search)) continue
    if (search === '' && users.length === limit) break
    if (position >= offset && users.length < limit)
      users.push(exportProfile(user, engine.workspace, { wanted: null, withCohorts: true }))
    position += 1
  }
  return { total: search === '' ? engine.workspace.directory.users.size : position, offset, users }
}

function mentions(user: User, search: string): boolean {
  return (
    (user.externalId ?? '').includes(search) ||
    [...user.aliases.values()].some((name) => name.includes(search))
  )
}

function userView(engine: Engine, id: string, query: URLSearchParams): Json {
  const { directory } = engine.workspace
  const user = directory.byExternalId(id) ?? directory.byBrazeId(id)
  if (user === undefined) return null
  const profile = exportProfile(user, engine.workspace, { wanted: null, withCohorts: true })
  const whole = {
    ...profile,
    custom_attributes: profile.custom_attributes ?? {},
    custom_events: profile.custom_events ?? [],
    cohorts: profile.cohorts ?? [],
  }
  if (query.get('raw') === null) return whole
  const events = [...user.events].map(([name, { recent }]) => [
    name,
    recent.map(({ time, properties }) => ({ time: new Date(time).toISOString(), properties })),
  ])
  return { ...whole, events: Object.fromEntries(events) as JsonObject }
}

function cohortList({ workspace }: Engine): JsonObject {
  const cohorts = [...workspace.cohorts.values()].map(({ id, name, createdAt, members }) => ({
    id,
    name,
    created_at: createdAt,
    members: members.size,
  }))
  return { cohorts }
}

function cohortView({ workspace }: Engine, id: string, query: URLSearchParams): Json {
  const cohort =
    workspace.cohorts.get(id) ?? [...workspace.cohorts.values()].find(({ name }) => name === id)
  if (cohort === undefined) return null
  const ids = [...cohort.members].map((user) => user.externalId ?? user.brazeId).toSorted()
  const offset = number(query.get('offset'), 0)
  const shown = ids.slice(offset, offset + number(query.get('limit'), 1000))
  return {
    id: cohort.id,
    name: cohort.name,
    created_at: cohort.createdAt,
    members: ids.length,
    offset,
    member_ids: shown,
  }
}

function ledgerView({ workspace, requests }: Engine): JsonObject {
  return {
    total: totalPoints(workspace.points),
    kinds: { ...workspace.points },
    written: { ...workspace.written },
    requests: requests
      .list()
      .flatMap(({ request, path, points }) =>
        points === null ? [] : [{ request, path, total: totalPoints(points), ...points }],
      ),
  }
}

function requestsView({ requests }: Engine, id: string, query: URLSearchParams): Json {
  if (id !== '') {
    const record = requests.get(Number(id))
    return record === undefined ? null : { ...recordView(record), body: record.body }
  }
  const limit = number(query.get('limit'), PAGE)
  return {
    total: requests.total,
    objects: { ...requests.objects },
    counts: Object.fromEntries([...requests.counts].toSorted()),
    requests: requests.list().slice(-limit).map(recordView),
  }
}

function recordView(record: RequestRecord): JsonObject {
  const { request, at, method, path, status, attributes, events, purchases, errors, faults } =
    record
  const points = record.points === null ? null : totalPoints(record.points)
  const what = { request, at, method, path, status, attributes, events, purchases, errors, faults }
  return {
    ...what,
    points,
    applied: record.isApplied,
    user_agent: record.userAgent,
    request_id: record.requestId,
  }
}

function dropsView(
  { workspace, settings, lastRequest }: Engine,
  query: URLSearchParams,
): JsonObject {
  const { drops } = workspace
  const since = number(query.get('since'), 0)
  const causes = drops.causes(since).map((cause) => ({ ...cause, text: DROP_TEXTS[cause.reason] }))
  const latest = drops.latest(settings.keepDrops).filter(({ request }) => request > since)
  return {
    since,
    last_request: lastRequest,
    is_complete: since >= drops.forgottenUpTo,
    total: since === 0 ? drops.total() : causes.reduce((sum, { count }) => sum + count, 0),
    counts: since === 0 ? Object.fromEntries([...drops.counts].toSorted()) : countsOf(causes),
    causes: causes as unknown as Json,
    drops: latest as unknown as Json,
  }
}

function countsOf(
  causes: readonly { readonly reason: string; readonly count: number }[],
): JsonObject {
  const counts = new Map<string, number>()
  for (const { reason, count } of causes) counts.set(reason, (counts.get(reason) ?? 0) + count)
  return Object.fromEntries([...counts].toSorted())
}

function number(text: string | null, fallback: number): number {
  const value = text === null ? fallback : Math.trunc(Number(text))
  return Number.isFinite(value) && value >= 0 ? value : fallback
}
