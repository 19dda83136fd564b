import { randomUUID } from 'node:crypto'
import type { JsonObject } from '@engage-sync/contract'
import { FilterError, usersIn } from '../filters/index.ts'
import { exportProfile } from '../model/index.ts'
import type { User } from '../model/index.ts'
import { CHOSEN, LIMITS } from '../specification/index.ts'
import { isText, listOf, zip } from '../values/index.ts'
import type { Call, Reply } from './endpoint.ts'
import { limitsOf } from './export.ts'

/**
 * `GET /segments/list`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/segments/get_segment/
 */
export function answerSegmentsList(_body: JsonObject, { engine, query }: Call): Reply {
  const all =
    query.get('sort_direction') === 'desc'
      ? engine.segments.list().toReversed()
      : engine.segments.list()
  const page = Math.max(0, Math.trunc(Number(query.get('page') ?? 0)) || 0)
  const shown = all.slice(page * LIMITS.segmentsPerPage, (page + 1) * LIMITS.segmentsPerPage)
  const segments = shown.map(({ id, name }) => ({
    id,
    name,
    analytics_tracking_enabled: false,
    tags: [],
  }))
  return { status: 200, body: { message: 'success', segments } }
}

/**
 * `GET /segments/details`
 *
 * @see https://www.braze.com/docs/api/endpoints/export/segments/get_segment_details/
 */
export function answerSegmentDetails(_body: JsonObject, { engine, query }: Call): Reply {
  const segment = engine.segments.get(query.get('segment_id') ?? '')
  if (segment === undefined) return CHOSEN.segmentUnknown
  const made = new Date(segment.createdAt).toISOString()
  const { name, description, filter } = segment
  const about = {
    name,
    description: JSON.stringify(filter),
    text_description: description,
    tags: [],
    teams: [],
  }
  return { status: 200, body: { message: 'success', created_at: made, updated_at: made, ...about } }
}

/**
 * `/users/export/segment`: the users are in an archive at the answer's `url`, ready at once
 * unless a setting says otherwise; no callback is ever made.
 *
 * Documented: one file for every 5,000 users, a JSON object a line. Assumed: 404 until it is ready.
 *
 * @see https://www.braze.com/docs/api/endpoints/export/user_data/post_users_segment/
 */
export function answerExportSegment(body: JsonObject, call: Call): Reply {
  const { engine, url } = call
  const fields = listOf(body, 'fields_to_export').filter(isText)
  const names = listOf(body, 'custom_attributes_to_export').filter(isText)
  const segment = engine.segments.get(isText(body.segment_id) ? body.segment_id : '')
  if (engine.rules.segmentFields && fields.length === 0) return CHOSEN.fieldsRequired
  if (segment === undefined) return CHOSEN.segmentUnknown
  const { workspace, settings, rules } = engine
  try {
    const users = usersIn(segment.filter, { workspace, settings, rules, now: engine.now() })
    const id = randomUUID()
    engine.segments.keepArchive(id, {
      bytes: archiveOf(users, { fields, names }, call),
      readyAt: engine.now() + settings.segmentExportMs,
    })
    const day = new Date(engine.now()).toISOString().slice(0, 10)
    const prefix = `segment-export/${segment.id}/${day}/${id}`
    return {
      status: 201,
      body: {
        message: 'success',
        object_prefix: prefix,
        ...(settings.segmentExportTo === 'url' && {
          url: `${new URL(url).origin}/simulator/exports/${id}.zip`,
        }),
      },
    }
  } catch (error) {
    if (error instanceof FilterError)
      return { ...CHOSEN.badRequest, body: { message: error.message } }
    throw error
  }
}

function archiveOf(
  users: readonly User[],
  { fields, names }: { readonly fields: readonly string[]; readonly names: readonly string[] },
  call: Call,
): Buffer {
  const wanted = new Set(names.length > 0 ? [...fields, 'custom_attributes'] : fields)
  const isSome = names.length > 0 && !fields.includes('custom_attributes')
  const lines = users.map((user) => {
    const profile = exportProfile(user, call.engine.workspace, { wanted, ...limitsOf(call) })
    return `${JSON.stringify(isSome ? { ...profile, custom_attributes: chosen(profile, names) } : profile)}\n`
  })
  const files = Array.from(
    { length: Math.max(1, Math.ceil(lines.length / LIMITS.usersPerFile)) },
    (_, index) => ({
      name: `${index}.json`,
      content: lines.slice(index * LIMITS.usersPerFile, (index + 1) * LIMITS.usersPerFile).join(''),
    }),
  )
  return zip(files)
}

function chosen({ custom_attributes: custom }: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries((custom ?? {}) as JsonObject).filter(([name]) => names.includes(name)),
  )
}
