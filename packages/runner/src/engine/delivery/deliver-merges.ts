import { userOfRow } from '@engage-sync/core'
import type { Outcome, RowPlace, Sent } from '@engage-sync/core'
import { markPromoted } from '../aliases/index.ts'
import type { AliasMerge, AliasMerges, MergedRows } from '../aliases/index.ts'
import type { Committer } from '../durable/index.ts'
import { killPoint } from '../../process/kill-points.ts'
import { countFailed, tellSent } from './sending.ts'
import type { Sending } from './sending.ts'

/** How promotions ended. */
export interface MergeResult {
  /** Rows that are not delivered by themselves: aliases, and users Braze does not know yet to be one with theirs. */
  readonly held: ReadonlySet<string>
  /** Every pair was joined or refused. */
  readonly isComplete: boolean
  /** Pairs Braze joined, so that what follows must wait for it. */
  readonly joined: number
  /** Pairs that may have been joined or not: joining them once more does no harm. */
  readonly unknown: number
}

/** Told of a pair Braze refused for good. */
export type OnRefusedPair = (refusal: { readonly code: string; readonly message: string }) => void

/**
 * Tells Braze which aliases belong to which users, marked, before anything that depends on it.
 *
 * A pair that failed holds only its own two rows; one that was refused for good is reported, and its values go under
 * the external id all the same.
 */
export async function deliverMerges(
  { sending, committer }: { readonly sending: Sending; readonly committer: Committer },
  { pairs, promotions, handed }: AliasMerges,
  onRefused: OnRefusedPair,
): Promise<MergeResult> {
  const ended: EndedMerges = {
    held: new Set([...pairs.filter(isHere), ...handed].map(({ alias }) => keyOf(alias))),
    isComplete: true,
    joined: 0,
    unknown: 0,
  }
  for (const how of ['identify', 'merge'] as const) {
    const mine = promotions.filter((promotion) => callFor(promotion) === how)
    const size = sending.destination.limits.pairsPerRequest
    for (let from = 0; from < mine.length; from += size) {
      const batch = mine.slice(from, from + size)
      const sent = sending.signal.aborted
        ? null
        : await send(sending, committer, { how, number: from / size, batch })
      batch.forEach((merge, index) =>
        take(ended, merge, { outcome: sent?.outcomes[index] ?? NOT_SENT, onRefused }),
      )
    }
  }
  return ended
}

/**
 * A merge needs both profiles, and says success without one of them: a user who is not known to be
 * there gets the alias's profile instead.
 */
function callFor({ how, user: { open, row } }: AliasMerge): AliasMerge['how'] {
  return open.rows.flags.isCreated(row) ? how : 'identify'
}

interface EndedMerges extends MergeResult {
  readonly held: Set<string>
  isComplete: boolean
  joined: number
  unknown: number
}

const NOT_SENT: Outcome = { status: 'failed', reason: 'not sent' }

function take(
  ended: EndedMerges,
  merge: AliasMerge,
  told: { readonly outcome: Outcome; readonly onRefused: OnRefusedPair },
): void {
  const { outcome, onRefused } = told
  if (outcome.status === 'failed' || outcome.status === 'unknown') {
    ended.held.add(keyOf(merge.user))
    ended.isComplete = false
    if (outcome.status === 'unknown') ended.unknown++
    return
  }
  if (outcome.status === 'rejected') onRefused(outcome.rejection)
  else {
    ended.joined++
    merge.user.open.rows.flags.create(merge.user.row)
  }
  markPromoted(merge.alias, merge.user)
}

interface Batch {
  readonly how: AliasMerge['how']
  readonly number: number
  readonly batch: readonly AliasMerge[]
}

async function send(sending: Sending, committer: Committer, batch: Batch): Promise<Sent> {
  const { run } = sending
  const id = `${run}:${batch.how}:${batch.number}`
  killPoint('before-mark')
  await committer.mark({ id, run, intent: { [batch.how]: batch.batch.length } })
  killPoint('after-mark')
  const sent = await countFailed(sending, request(sending, batch))
  killPoint('after-send')
  committer.closeMark(id)
  tellSent(sending, sent, 0)
  return sent
}

function request({ destination, sendSignal }: Sending, { how, batch }: Batch): Promise<Sent> {
  if (how === 'identify') {
    const pairs = batch.map(({ alias, user }) => ({
      externalId: user.open.rows.idText(user.row),
      alias: aliasOf(alias),
    }))
    return destination.identify(pairs, sendSignal)
  }
  const userOf = ({ open, row }: RowPlace) => userOfRow(open.rows, row)
  return destination.merge(
    batch.map(({ alias, user }) => ({ from: userOf(alias), into: userOf(user) })),
    sendSignal,
  )
}

function aliasOf({ open, row }: RowPlace): { readonly name: string; readonly label: string } {
  const user = userOfRow(open.rows, row)
  return 'alias' in user ? user.alias : { name: '', label: '' }
}

/** Rows of guests are nobody's to deliver. */
function isHere({ handover }: MergedRows): boolean {
  return handover === undefined
}

function keyOf({ open, row }: RowPlace): string {
  return `${open.rows.number}:${row}`
}
