import type { JsonObject } from '@engage-sync/core'
import { drop } from '../applying.ts'
import type { Applying, Place } from '../applying.ts'
import { isText, listOf } from '../json.ts'
import type { User } from '../model/user.ts'
import type { Cohort } from '../model/workspace.ts'
import { aliasOf } from '../track/identity.ts'
import { objectsOf } from '../users/find.ts'
import type { Work } from '../work.ts'

/** Makes a cohort, or gives it another name. @see https://www.braze.com/docs/cohort_import/ */
export function applyCohort({ id, name, createdAt }: Work & { kind: 'cohort' }, { rules, workspace }: Applying): void {
  const isKnown = workspace.cohorts.has(id)
  const cohort = workspace.cohort(id)
  if (isKnown && cohort.name !== null && !rules.cohortRename) return
  cohort.name = name
  cohort.createdAt ??= createdAt
}

/** Adds and removes members. No profile is ever made. @see https://www.braze.com/docs/cohort_import/ */
export function applyCohortUsers({ id, changes }: Work & { kind: 'cohort_users' }, applying: Applying): void {
  const { rules, workspace } = applying
  if (!workspace.cohorts.has(id) && !rules.cohortUnknown) return
  const cohort = workspace.cohort(id)
  const entries = objectsOf(changes)
  for (const [index, change] of rules.cohortOrder ? entries : entries.toReversed()) applyChange(cohort, change, index, applying)
}

function applyChange(cohort: Cohort, change: JsonObject, index: number, applying: Applying): void {
  const { directory } = applying.workspace
  const isMember = change.should_remove !== true
  const place = (user: string): Place => ({ input: 'cohort_changes', index, user })
  for (const id of listOf(change, 'user_ids')) {
    const user = directory.byExternalId(String(id)) ?? missing({ externalId: String(id) }, applying)
    setMember(cohort, user, isMember, { place: place(String(id)), applying })
  }
  for (const id of listOf(change, 'device_ids')) {
    const user = directory.byDevice(String(id))
    if (user !== undefined && user.externalId !== null && applying.rules.cohortDevices)
      drop(applying, place(String(id)), 'device_of_identified_user', cohort.id)
    else setMember(cohort, user, isMember, { place: place(String(id)), applying })
  }
  for (const item of listOf(change, 'aliases')) {
    const alias = aliasOf(item)
    const name = isText(alias?.name) ? `${alias.label}:${alias.name}` : ''
    setMember(cohort, alias === null ? undefined : directory.byAlias(alias), isMember, { place: place(name), applying })
  }
}

function missing(origin: { externalId: string }, { rules, workspace }: Applying): User | undefined {
  return rules.cohortExisting ? undefined : workspace.directory.create(origin)
}

function setMember(
  cohort: Cohort,
  user: User | undefined,
  isMember: boolean,
  { place, applying }: { place: Place; applying: Applying },
): void {
  if (user === undefined) return drop(applying, place, 'unknown_user', cohort.id)
  applying.workspace.setMember(cohort, user, isMember)
  if (applying.rules.pointsCohort) applying.points.cohorts += applying.settings.cohortPoints
}
