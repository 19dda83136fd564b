import {
  aliasText,
  closest,
  digestOf,
  isSameDigest,
  MEMBER,
  PARTITIONS,
  readPartition,
  SyncError,
  userOfRow,
} from '@engage-sync/core'
import type { ExportedList, Output, RunProgram, UserRef } from '@engage-sync/core'
import { resolveMappings } from '../mappings/index.ts'
import type { VerifyParts } from './verify-sample.ts'

const TRUE = digestOf('true')

/** How the members of one audience or segment compare with a list the destination keeps. */
export interface MembersVerification {
  readonly mapping: string
  /** Users whose membership was delivered. */
  readonly members: number
  /** Profiles of the list. */
  readonly listed: number
  /** Members who are in the list. */
  readonly same: number
  /** Members who are not: personal data. */
  readonly onlyHere: readonly UserRef[]
  /** In the list, and delivered as no members, or never: personal data. */
  readonly onlyThere: readonly UserRef[]
  /** In the list, and not known here at all: personal data; who has no identifier of ours is not among them. */
  readonly unknown: readonly UserRef[]
  /** Profiles of the list without an identifier that may be addressed. */
  readonly nameless: number
}

/** Whom a list holds, by identifier, and what was found of each profile. */
interface Listed {
  readonly profiles: (UserRef | null)[]
  /** Place of a profile by each identifier it has. */
  readonly places: Map<string, number>
}

/**
 * Compares whom a membership was delivered to with everybody in a list of the destination: a segment
 * that asks for the same.
 *
 * @throws {SyncError} `STATE_MAPPING` for what is no audience or segment
 */
export async function verifyMembers(
  parts: Pick<VerifyParts, 'store' | 'destination' | 'syncs' | 'signal' | 'nowMs'>,
  mapping: string,
  list: ExportedList,
): Promise<MembersVerification> {
  const { program } = await resolveMappings(parts.store, parts.syncs, { nowMs: parts.nowMs })
  const { column } = membershipOf(program, mapping)
  const { profiles, places } = await readList(parts, list)
  const isMember = new Uint8Array(profiles.length)
  const isKnown = new Uint8Array(profiles.length)
  const onlyHere: UserRef[] = []
  let members = 0
  for (let number = 0; number < PARTITIONS; number++) {
    const stored = await parts.store.loadPartition(number)
    const partition = readPartition(number, program.fold.layout, stored)
    for (let row = 0; row < partition.rows; row++) {
      const place = places.get(partition.idText(row))
      if (place !== undefined) isKnown[place] = 1
      const held = partition.slots.digest(row, column)
      if (!isSameDigest(held, MEMBER) && !isSameDigest(held, TRUE)) continue
      members++
      if (place === undefined) onlyHere.push(userOfRow(partition, row))
      else isMember[place] = 1
    }
  }
  const others = profiles.flatMap((user, place) =>
    user === null || isMember[place] === 1 ? [] : [{ user, known: isKnown[place] === 1 }],
  )
  return {
    mapping,
    members,
    listed: profiles.length,
    same: members - onlyHere.length,
    onlyHere,
    onlyThere: others.flatMap(({ user, known }) => (known ? [user] : [])),
    unknown: others.flatMap(({ user, known }) => (known ? [] : [user])),
    nameless: profiles.filter((user) => user === null).length,
  }
}

/** Its attribute, since a segment of the destination asks for that; else what else tells of it. */
function membershipOf({ outputs }: RunProgram, mapping: string): Output {
  const all = outputs.filter((output) => output?.isMembership === true) as readonly Output[]
  const own = all.filter(({ id }) => id === mapping)
  const found =
    own.find(({ kind }) => kind === 'attribute') ?? own.find(({ isPrimary }) => isPrimary)
  if (found !== undefined) return found
  const near = closest(mapping, [...new Set(all.map(({ id }) => id))])
  throw new SyncError('STATE_MAPPING', `No audience or segment is ${mapping}`, {
    hint: near === null ? 'See `engage-sync state list` for their ids.' : `Did you mean "${near}"?`,
  })
}

async function readList(
  { destination, signal }: Pick<VerifyParts, 'destination' | 'signal'>,
  list: ExportedList,
): Promise<Listed> {
  const profiles: (UserRef | null)[] = []
  const places = new Map<string, number>()
  const exported = destination.exportList?.(list, { attributes: [], events: false }, signal) ?? []
  for await (const { users } of exported) {
    for (const user of users) places.set(textOf(user), profiles.length)
    profiles.push(users.find((user) => 'externalId' in user) ?? users[0] ?? null)
  }
  return { profiles, places }
}

/** A user as rows name it. */
function textOf(user: UserRef): string {
  return 'alias' in user ? aliasText(user.alias.label, user.alias.name) : user.externalId
}
