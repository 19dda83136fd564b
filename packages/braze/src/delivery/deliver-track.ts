import { itemAt } from '@engage-sync/contract'
import type { Outcome, PackedRequest, RequestPart, Sent } from '@engage-sync/contract'
import { isForeign, readTrackAnswer, uncountedOf } from '../answers/index.ts'
import { NoSuccessError } from '../errors.ts'
import { bisect, exchange, Tally } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import type { TrackGroup } from '../limits.ts'
import { bodyOf, objectSpans } from './split-body.ts'

/** Some of a request's objects, with the body that holds just these. */
interface Piece {
  readonly parts: readonly RequestPart[]
  readonly body: Uint8Array
}

/**
 * Delivers one packed `/users/track` request. Cuts it when Braze finds it too large, sends it again without the objects
 * Braze named, and halves it when Braze does not name one, until every object has an answer of its own.
 *
 * Shape: one outcome per part, in order. Pieces go one after another, so that a user's order holds. Once some piece
 * was answered, an error that ends the rest becomes their outcome, so that no answer is lost.
 */
export async function deliverTrack(
  shared: Exchanger,
  request: PackedRequest,
  { group, signal }: { readonly group: TrackGroup; readonly signal: AbortSignal },
): Promise<Sent> {
  const tally = new Tally()
  let uncounted = 0
  const indexes = request.parts.map((_, index) => index)
  const repeatable = !request.needsMark
  const ask = async (some: readonly number[]) => {
    const piece = pieceOf(request, some)
    const call = {
      method: 'POST',
      path: request.path,
      body: piece.body,
      group,
      repeatable,
    } as const
    const result = await tally.count(exchange(shared, { ...call, signal }))
    if (result.kind === 'answer' && isForeign(result))
      throw new NoSuccessError(request.path, result)
    if (result.kind === 'answer') uncounted += uncountedOf(piece.parts, result)
    return readPiece(piece, result, request.needsMark)
  }
  const sent = tally.sent(await tally.telling(bisect([indexes], { ask, repeatable })))
  return uncounted === 0 ? sent : { ...sent, uncounted }
}

/** After a success that refuses objects without naming them: asking again would apply the others twice. */
const UNNAMED: Outcome = {
  status: 'unknown',
  reason: 'Braze refused some objects without saying which',
}
const TOO_LARGE: Outcome = {
  status: 'rejected',
  rejection: {
    code: 'BRAZE_TOO_LARGE',
    message: 'Braze found the object too large, sent alone (HTTP 413)',
  },
}

/** An outcome per part, null where it is to be asked for again. */
function readPiece(
  { parts }: Piece,
  result: Exchange,
  needsMark: boolean,
): readonly (Outcome | null)[] {
  if (result.kind === 'unknown')
    return parts.map(() => ({ status: needsMark ? 'unknown' : 'failed', reason: result.reason }))
  if (result.kind === 'split') return parts.length > 1 ? parts.map(() => null) : [TOO_LARGE]
  const outcomes = readTrackAnswer(parts, result)
  const isApplied = result.status < 300
  return isApplied && needsMark ? outcomes.map((outcome) => outcome ?? UNNAMED) : outcomes
}

/** The request reduced to some of its objects, in order. */
function pieceOf({ parts, body }: PackedRequest, indexes: readonly number[]): Piece {
  if (indexes.length === parts.length) return { parts, body }
  const spans = objectSpans(body)
  return {
    parts: indexes.map((index) => itemAt(parts, index)),
    body: bodyOf(
      body,
      indexes.map((index) => itemAt(spans, index)),
    ),
  }
}
