import {
  entryOf,
  isRowNewer,
  itemAt,
  partitionOf,
  userKey,
  userRefOf,
  userText,
} from '@engage-sync/core'
import type { Folder, FoldProgram, OnDelete, Reasons, UserKey, UserRef } from '@engage-sync/core'
import type { Partitions, PassShard } from '../partitions/index.ts'
import { worksOn } from '../request/index.ts'
import type { RunKind } from '../request/index.ts'

/** A user to be forgotten. */
export interface ForgottenUser {
  readonly user: UserRef
  /** Text of the identifier, as dead letters name it. */
  readonly text: string
  readonly partition: number
  /** -1 when the state holds nothing of the user. */
  readonly row: number
  /** Braze is asked to delete the user, too. */
  readonly inBraze: boolean
}

interface Request {
  readonly kind: UserKey['kind']
  readonly text: string
  readonly partition: number
  action: OnDelete
  time: number
}

type Deletion = Parameters<NonNullable<Folder['onDelete']>>[0]

const SEVERITY: readonly OnDelete[] = ['report', 'forget', 'delete']

function strictest(actions: readonly OnDelete[]): OnDelete {
  return SEVERITY.findLast((action) => actions.includes(action)) ?? 'report'
}

/** Segment's requests to forget users, and what this run makes of them. */
export class Deletions {
  readonly #kind: Pick<RunKind, 'onlyUsers'>
  readonly #requests = new Map<string, Request>()
  readonly #actions = new Map<string, readonly OnDelete[]>()

  /** @param onDelete - what a request does, by sync name; default `report` */
  constructor(
    programs: ReadonlyMap<string, FoldProgram>,
    onDelete: ReadonlyMap<string, OnDelete>,
    kind: Pick<RunKind, 'onlyUsers'>,
  ) {
    this.#kind = kind
    for (const [source, { syncs, plan, identityOfSync }] of programs) {
      const actionOf = (identity: number) => {
        const mine = syncs.filter((_, sync) => identityOfSync[sync] === identity)
        return strictest(mine.map(({ name }) => onDelete.get(name) ?? 'report'))
      }
      this.#actions.set(
        source,
        plan.identities.map((_, identity) => actionOf(identity)),
      )
    }
  }

  /**
   * Notes a request. Where several identities or sources name one user, the strictest answer
   * counts.
   */
  note(source: string, { identity, key, time }: Deletion): void {
    const text = userText(key)
    if (!worksOn(this.#kind, text)) return
    const known = this.#requests.get(`${key.kind}${text}`)
    const action = itemAt(entryOf(this.#actions, source), identity)
    if (known !== undefined) {
      known.time = Math.max(known.time, time)
      known.action = strictest([known.action, action])
    } else {
      this.#requests.set(`${key.kind}${text}`, {
        kind: key.kind,
        text,
        partition: partitionOf(key),
        action,
        time,
      })
    }
  }

  /**
   * Decides about the users of a pass: those to forget are sent nothing. One who came back since is
   * kept.
   */
  async decide(
    partitions: Partitions,
    shard: PassShard,
    reasons: Reasons,
  ): Promise<readonly ForgottenUser[]> {
    const forgotten: ForgottenUser[] = []
    for (const request of this.#requests.values()) {
      if (request.action === 'report' || !partitions.isHere(request.partition, request.text, shard))
        continue
      const open = await partitions.open(request.partition)
      const row = open.rows.findKey(userKey(request.kind, request.text))
      if (row >= 0 && isRowNewer(open.rows, row, request.time)) {
        reasons.addOnce(
          request.text,
          'PRIVACY_USER_CAME_BACK',
          'Newer values came after the request to forget the user.',
        )
        continue
      }
      if (row >= 0) open.pending.forgetRow(row)
      const { kind, text, partition, action } = request
      forgotten.push({
        user: userRefOf(kind, text),
        text,
        partition,
        row,
        inBraze: action === 'delete',
      })
    }
    return forgotten
  }
}
