import type { UserRef } from '@engage-sync/core'
import type { MembersVerification } from '../../engine/index.ts'
import { countOf, formatCount } from '../text/numbers.ts'
import { alignRows } from '../text/table.ts'
import { nameOf } from './verification.ts'
import type { VerificationChoice } from './verification.ts'

/** Whether everybody in the list is a member, and the other way. */
export function areSameMembers({ onlyHere, onlyThere, unknown }: MembersVerification): boolean {
  return onlyHere.length + onlyThere.length + unknown.length === 0
}

/** What `verify --members` says to a person. */
export function renderMembers(
  verification: MembersVerification,
  { showValues = false, repair = false }: VerificationChoice,
): string {
  const { mapping, members, listed, same, onlyHere, onlyThere, unknown, nameless } = verification
  const counts: readonly (readonly [number, string])[] = [
    [same, 'in both'],
    [onlyHere.length, 'delivered as members, and not in the segment'],
    [onlyThere.length, 'in the segment, and not delivered as members'],
    [unknown.length, 'in the segment, and not known here'],
    [nameless, 'in the segment without an external id or alias'],
  ]
  const rows = counts.filter(([count]) => count > 0)
  const table = alignRows(
    rows.map(([count, what]) => [formatCount(count), what]),
    ['right'],
  )
  const lines = [
    `Compared the ${countOf(members, 'member')} of ${mapping} with ${countOf(listed, 'user')} of the segment.`,
    ...table.map((line) => `  ${line}`),
  ]
  if (areSameMembers(verification)) return `${lines.join('\n')}\n`
  if (showValues) lines.push('', ...usersLines(verification))
  lines.push(
    '',
    `The segment has to ask for just this membership; where it does, somebody else changed it.${showValues ? '' : ' `--show-values` says who.'}`,
  )
  if (!repair) lines.push('`--repair` sends those who are known here again.')
  return `${lines.join('\n')}\n`
}

function usersLines({ onlyHere, onlyThere, unknown }: MembersVerification): readonly string[] {
  const rows = (users: readonly UserRef[], what: string) =>
    users.map((user) => ['', nameOf(user), what])
  return alignRows(
    [
      ...rows(onlyHere, 'not in the segment'),
      ...rows(onlyThere, 'no member here'),
      ...rows(unknown, 'not known here'),
    ],
    [],
  )
}

/** The same as data: version 1, extended, never renamed. */
export function membersJson(verification: MembersVerification, withValues: boolean): object {
  const { onlyHere, onlyThere, unknown, ...told } = verification
  const each = (of: (users: readonly UserRef[]) => unknown) => ({
    only_here: of(onlyHere),
    only_there: of(onlyThere),
    unknown: of(unknown),
  })
  const counts = { version: 1, ...told, ...each((users) => users.length) }
  return withValues ? { ...counts, users: each((users) => users.map(nameOf)) } : counts
}
