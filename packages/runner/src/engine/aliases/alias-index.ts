import { isEarlierLink, isSameDigest } from '@engage-sync/core'
import type { FoldProgram, Link } from '@engage-sync/core'

/** About what an alias takes: its text, its link, and its place in the map. */
const LINK_BYTES = 300

/** An alias with the external id it belongs to. */
export interface AliasLink {
  readonly alias: string
  readonly partition: number
  /** -1 where somebody else works on it. */
  readonly row: number
  /** The external id, where somebody else works on its row. */
  readonly externalId: string | null
  /** Hash of the external id. */
  readonly user: Link['user']
  readonly time: number
  readonly how: 'identify' | 'merge'
  /** Records named other external ids for it, too. */
  conflicts: number
}

/**
 * The aliases that records name together with an external id.
 *
 * One alias belongs to one user; of several, see `isEarlierLink`.
 */
export class AliasIndex {
  readonly #byAlias = new Map<string, AliasLink>()
  readonly #how: ReadonlyMap<string, readonly (AliasLink['how'] | null)[]>

  constructor(programs: ReadonlyMap<string, FoldProgram>) {
    this.#how = new Map(
      [...programs].map(([source, program]) => [
        source,
        program.plan.identities.map((_, identity) => promoteOf(program, identity)),
      ]),
    )
  }

  /** Whether an identity of a source promotes aliases. */
  promotes(source: string, identity: number): boolean {
    return this.#howOf(source, identity) !== null
  }

  #howOf(source: string, identity: number): AliasLink['how'] | null {
    return this.#how.get(source)?.[identity] ?? null
  }

  /** About how many bytes they take. */
  get byteLength(): number {
    return this.#byAlias.size * LINK_BYTES
  }

  /** Notes what a record says. */
  add(source: string, { identity, ...said }: Link): void {
    const how = this.#howOf(source, identity)
    if (how === null) return
    const link = { ...said, how, conflicts: 0 }
    const known = this.#byAlias.get(link.alias)
    if (known === undefined) this.#byAlias.set(link.alias, link)
    else if (!isSameDigest(known.user, link.user)) this.#settle(known, link)
    else if (link.time < known.time) this.#byAlias.set(link.alias, { ...known, time: link.time })
  }

  #settle(known: AliasLink, other: AliasLink): void {
    const isEarlier = isEarlierLink(
      { ...other.user, time: other.time },
      { ...known.user, time: known.time },
    )
    this.#byAlias.set(known.alias, {
      ...(isEarlier ? other : known),
      conflicts: known.conflicts + 1,
    })
  }

  /** Every alias once, in order of its text. */
  list(): readonly AliasLink[] {
    return [...this.#byAlias.values()].sort((a, b) => (a.alias < b.alias ? -1 : 1))
  }
}

/** Whether any sync promotes aliases, so that records may tell of some to be joined. */
export function promotesAliases(programs: ReadonlyMap<string, FoldProgram>): boolean {
  return [...programs.values()].some((program) =>
    program.plan.identities.some((_, identity) => promoteOf(program, identity) !== null),
  )
}

function promoteOf(
  { syncs, identityOfSync }: FoldProgram,
  identity: number,
): AliasLink['how'] | null {
  const sync = syncs.find(
    ({ promote }, index) => identityOfSync[index] === identity && promote !== 'never',
  )
  return sync === undefined || sync.promote === 'never' ? null : sync.promote
}
