import { userOfRow } from '@engage-sync/core'
import type { RowPlace, Sent } from '@engage-sync/core'
import type { DeliveryContext } from './deliver-updates.ts'
import { killPoint } from '../../process/kill-points.ts'
import { markPromoted } from '../aliases/merge-rows.ts'
import type { AliasMerges, AliasMerge } from '../aliases/merge-rows.ts'

/** Pairs in one request. */
const BATCH = 50

/** How promotions ended. */
export interface MergeResult {
  /** Rows that are not delivered by themselves: aliases, and users Braze does not know yet to be one with theirs. */
  readonly held: ReadonlySet<string>
  /** Every pair was joined or refused. */
  readonly isComplete: boolean
  /** Pairs Braze joined, so that what follows must wait for it. */
  readonly joined: number
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
  context: DeliveryContext,
  { pairs, promotions }: AliasMerges,
  onRefused: OnRefusedPair,
): Promise<MergeResult> {
  const held = new Set(pairs.map(({ alias }) => keyOf(alias)))
  let isComplete = true
  let joined = 0
  for (const how of ['identify', 'merge'] as const) {
    const mine = promotions.filter((promotion) => promotion.how === how)
    for (let from = 0; from < mine.length; from += BATCH) {
      const batch = mine.slice(from, from + BATCH)
      const sent = context.signal.aborted ? null : await send(context, batch, { how, number: from / BATCH })
      batch.forEach((promotion, index) => {
        const outcome = sent?.outcomes[index] ?? { status: 'failed', reason: 'not sent' }
        if (outcome.status === 'failed' || outcome.status === 'unknown') {
          held.add(keyOf(promotion.user))
          isComplete = false
          return
        }
        if (outcome.status === 'rejected') onRefused(outcome.rejection)
        else joined++
        markPromoted(promotion.alias, promotion.user)
      })
    }
  }
  return { held, isComplete, joined }
}

async function send(
  context: DeliveryContext,
  batch: readonly AliasMerge[],
  place: { readonly how: AliasMerge['how']; readonly number: number },
): Promise<Sent> {
  const { committer, destination, run, sendSignal } = context
  const id = `${run}:${place.how}:${place.number}`
  killPoint('before-mark')
  await committer.mark({ id, run, intent: { [place.how]: batch.length } })
  killPoint('after-mark')
  await context.ensureLease()
  const sent = await (place.how === 'identify'
    ? destination.identify(
        batch.map(({ alias, user }) => ({ externalId: user.open.rows.idText(user.row), alias: aliasOf(alias) })),
        sendSignal,
      )
    : destination.merge(
        batch.map(({ alias, user }) => ({ from: userOfRow(alias.open.rows, alias.row), into: userOfRow(user.open.rows, user.row) })),
        sendSignal,
      ))
  killPoint('after-send')
  committer.closeMark(id)
  context.onSent({ requests: sent.requests, retries: sent.retries, updates: 0 })
  return sent
}

function aliasOf({ open, row }: RowPlace): { readonly name: string; readonly label: string } {
  const user = userOfRow(open.rows, row)
  return 'alias' in user ? user.alias : { name: '', label: '' }
}

function keyOf({ open, row }: RowPlace): string {
  return `${open.rows.number}:${row}`
}
