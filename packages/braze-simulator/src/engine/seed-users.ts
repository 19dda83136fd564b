import type { Json, JsonObject } from '@engage-sync/contract'
import { aliasOf } from '../identity/index.ts'
import { noPoints } from '../model/index.ts'
import { applyAttributes } from '../track/index.ts'
import { isObject, isText, listOf, readDate } from '../values/index.ts'
import type { Engine } from './engine.ts'

/** Members of an export that are no attributes. */
const NOT_ATTRIBUTES = new Set([
  'custom_attributes',
  'custom_events',
  'purchases',
  'cohorts',
  'user_aliases',
  'braze_id',
  'devices',
])

/**
 * Puts profiles into a workspace without a request and without cost. Users that are there already
 * stay as they are.
 *
 * Shape: each user as an export shows it, or as a plain attributes object. Its cohorts are made if
 * need be. Gives how many were added.
 */
export function seedUsers(users: readonly JsonObject[], engine: Engine): number {
  const { directory } = engine.workspace
  const added = users.filter(
    ({ external_id: id }) => !isText(id) || directory.byExternalId(id) === undefined,
  )
  for (const user of added) seedUser(user, engine)
  if (added.length === 0) return 0
  engine.version += 1
  engine.journal.changed()
  return added.length
}

function seedUser(user: JsonObject, engine: Engine): void {
  const { workspace, settings, rules } = engine
  const { directory } = workspace
  const aliases = listOf(user, 'user_aliases').flatMap((item) => aliasOf(item) ?? [])
  const [alias] = aliases
  const plain = Object.entries(user).filter(([name]) => !NOT_ATTRIBUTES.has(name))
  const custom = isObject(user.custom_attributes) ? Object.entries(user.custom_attributes) : []
  const object = Object.fromEntries<Json>([
    ...plain,
    ...custom,
    ...(isText(user.external_id) || alias === undefined
      ? []
      : [['user_alias', { alias_name: alias.name, alias_label: alias.label }] as const]),
    ['_update_existing_only', false],
  ])
  const position = { input: 'seed', index: 0, user: null }
  applyAttributes(object, position, {
    workspace,
    settings,
    rules,
    request: 0,
    at: engine.now(),
    points: noPoints(),
  })
  const found = isText(user.external_id)
    ? directory.byExternalId(user.external_id)
    : alias && directory.byAlias(alias)
  if (found === undefined) return
  for (const each of aliases) directory.setAlias(found, each)
  for (const event of listOf(user, 'custom_events')) {
    if (!isObject(event) || !isText(event.name)) continue
    const count = typeof event.count === 'number' ? event.count : 1
    found.events.set(event.name, {
      count,
      first: timeOf(event.first),
      last: timeOf(event.last),
      recent: [],
    })
  }
  for (const name of listOf(user, 'cohorts').filter(isText)) {
    const cohort = workspace.cohort(name)
    cohort.name ??= name
    workspace.setMember(cohort, found, true)
  }
}

/** Milliseconds since the epoch; 0 for what is no time. */
function timeOf(time: Json | undefined): number {
  return typeof time === 'string' ? (readDate(time) ?? 0) : 0
}
