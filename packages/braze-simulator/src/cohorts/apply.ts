import type { JsonObject } from '@engage-sync/contract'
import { aliasOf } from '../identity/index.ts'
import { drop } from '../model/index.ts'
import type { Cohort, ObjectPosition, User, Work, WriteContext } from '../model/index.ts'
import { isText, listOf, objectsOf } from '../values/index.ts'

/** Makes a cohort, or gives it another name. @see https://www.braze.com/docs/cohort_import/ */
export function applyCohort(
  { id, name, createdAt }: Work & { kind: 'cohort' },
  { rules, workspace }: WriteContext,
): void {
  const isKnown = workspace.cohorts.has(id)
  const cohort = workspace.cohort(id)
  if (isKnown && cohort.name !== null && !rules.cohortRename) return
  cohort.name = name
  cohort.createdAt ??= createdAt
}

/**
 * Adds and removes members. No profile is ever made.
 *
 * @see https://www.braze.com/docs/cohort_import/
 */
export function applyCohortUsers(
  { id, changes }: Work & { kind: 'cohort_users' },
  context: WriteContext,
): void {
  const { rules, workspace } = context
  if (!workspace.cohorts.has(id) && !rules.cohortUnknown) return
  const cohort = workspace.cohort(id)
  const entries = objectsOf(changes)
  for (const entry of rules.cohortOrder ? entries : entries.toReversed())
    applyChange(cohort, entry, context)
}

function applyChange(
  cohort: Cohort,
  [index, change]: readonly [number, JsonObject],
  context: WriteContext,
): void {
  const { directory } = context.workspace
  const isMember = change.should_remove !== true
  const position = (user: string): ObjectPosition => ({ input: 'cohort_changes', index, user })
  for (const id of listOf(change, 'user_ids')) {
    const user = directory.byExternalId(String(id)) ?? missing({ externalId: String(id) }, context)
    setMember({ cohort, user, isMember }, position(String(id)), context)
  }
  for (const id of listOf(change, 'device_ids')) {
    const user = directory.byDevice(String(id))
    if (user !== undefined && user.externalId !== null && context.rules.cohortDevices)
      drop(context, { ...position(String(id)), name: cohort.id }, 'device_of_identified_user')
    else setMember({ cohort, user, isMember }, position(String(id)), context)
  }
  for (const item of listOf(change, 'aliases')) {
    const alias = aliasOf(item)
    const name = isText(alias?.name) ? `${alias.label}:${alias.name}` : ''
    const user = alias === null ? undefined : directory.byAlias(alias)
    setMember({ cohort, user, isMember }, position(name), context)
  }
}

function missing(
  origin: { externalId: string },
  { rules, workspace, at }: WriteContext,
): User | undefined {
  return rules.cohortExisting ? undefined : workspace.directory.create(origin, at)
}

interface Membership {
  readonly cohort: Cohort
  readonly user: User | undefined
  readonly isMember: boolean
}

function setMember(
  { cohort, user, isMember }: Membership,
  position: ObjectPosition,
  context: WriteContext,
): void {
  if (user === undefined) return drop(context, { ...position, name: cohort.id }, 'unknown_user')
  context.workspace.setMember(cohort, user, isMember)
  if (context.rules.pointsCohort) context.points.cohorts += context.settings.cohortPoints
}
