import { SyncError } from '@engage-sync/core'
import type { Outcome, PackedRequest, RequestPart, Sent } from '@engage-sync/core'
import { readTrackAnswer } from '../answers/index.ts'
import { exchange } from '../exchange/index.ts'
import type { Exchange, Exchanger } from '../exchange/index.ts'
import type { TrackGroup } from '../limits.ts'
import { bodyOf, objectSpans } from './split-body.ts'

/** Some of a request's objects, with the body that holds just these. */
interface Piece {
  readonly parts: readonly RequestPart[]
  readonly body: Uint8Array
}

interface Context {
  readonly shared: Exchanger
  readonly request: PackedRequest
  readonly group: TrackGroup
  readonly signal: AbortSignal
  readonly tally: { requests: number; retries: number }
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
  const tally = { requests: 0, retries: 0 }
  const outcomes = await deliverPiece({ shared, request, group, signal, tally }, { parts: request.parts, body: request.body })
  return { outcomes, ...tally }
}

async function deliverPiece(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  const { shared, request, group, signal, tally } = context
  const result = await exchange(shared, {
    method: 'POST',
    path: request.path,
    body: piece.body,
    group,
    repeatable: !request.needsMark,
    signal,
  })
  tally.requests += result.tries
  tally.retries += result.tries - 1
  if (result.kind === 'unknown') return piece.parts.map(() => ({ status: request.needsMark ? 'unknown' : 'failed', reason: result.reason }))
  const open = readOpen(piece, result)
  const isApplied = result.kind === 'answer' && result.status < 300
  if (isApplied && request.needsMark) return open.map((outcome) => outcome ?? UNNAMED)
  if (piece.parts.length > 1 && open.every((outcome) => outcome === null)) return halve(context, piece)
  return askAgain(context, piece, open)
}

/** After a success that refuses objects without naming them: asking again would apply the others twice. */
const UNNAMED: Outcome = { status: 'unknown', reason: 'Braze refused some objects without saying which' }

/** An outcome per part, null where it is open. */
function readOpen({ parts }: Piece, result: Exclude<Exchange, { kind: 'unknown' }>): readonly (Outcome | null)[] {
  if (result.kind === 'split') return parts.length > 1 ? parts.map(() => null) : [TOO_LARGE]
  return readTrackAnswer(parts, result)
}

const TOO_LARGE: Outcome = {
  status: 'rejected',
  rejection: { code: 'BRAZE_TOO_LARGE', message: 'Braze found the object too large, sent alone (HTTP 413)' },
}

/** Sends the open parts again, without the others. */
async function askAgain(context: Context, piece: Piece, outcomes: readonly (Outcome | null)[]): Promise<readonly Outcome[]> {
  const open = outcomes.flatMap((outcome, index) => (outcome === null ? [index] : []))
  if (open.length === 0) return outcomes as readonly Outcome[]
  const answers = await deliverRest(context, pick(piece, open))
  const byIndex = new Map(open.map((index, at) => [index, answers[at]]))
  return outcomes.map((outcome, index) => outcome ?? byIndex.get(index)!)
}

async function halve(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  const indexes = piece.parts.map((_, index) => index)
  const half = Math.ceil(indexes.length / 2)
  const first = await deliverPiece(context, pick(piece, indexes.slice(0, half)))
  return [...first, ...(await deliverRest(context, pick(piece, indexes.slice(half))))]
}

/** Delivers a piece of a request of which another piece was answered already. */
async function deliverRest(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  try {
    return await deliverPiece(context, piece)
  } catch (error) {
    const reason = error instanceof SyncError ? error.message : 'stopped'
    return piece.parts.map(() => ({ status: 'failed', reason }))
  }
}

/** The piece reduced to some of its parts, in order. */
function pick(piece: Piece, indexes: readonly number[]): Piece {
  const spans = objectSpans(piece.body)
  return {
    parts: indexes.map((index) => piece.parts[index]),
    body: bodyOf(
      piece.body,
      indexes.map((index) => spans[index]),
    ),
  }
}
