import type { Outcome, PackedRequest, RequestPart, Sent } from '@engage-sync/core'
import { exchange } from './exchange.ts'
import type { Exchanger } from './exchange.ts'
import { readTrackAnswer } from './outcome.ts'

/** One `/users/track` request, as objects, so that it can be cut. */
interface TrackBody {
  readonly attributes: readonly unknown[]
  readonly events: readonly unknown[]
}

interface Piece {
  readonly parts: readonly RequestPart[]
  readonly body: Uint8Array
}

interface Tally {
  requests: number
  retries: number
}

/**
 * Delivers one packed request; cuts it in two when Braze finds it too large or does not say which object is bad.
 *
 * Shape: one outcome per part, in order. Pieces go one after another, so that a user's order holds.
 */
export async function deliverTrack(shared: Exchanger, request: PackedRequest, signal: AbortSignal): Promise<Sent> {
  const tally: Tally = { requests: 0, retries: 0 }
  const outcomes = await deliverPiece({ shared, request, signal, tally }, { parts: request.parts, body: request.body })
  return { outcomes, ...tally }
}

interface Context {
  readonly shared: Exchanger
  readonly request: PackedRequest
  readonly signal: AbortSignal
  readonly tally: Tally
}

async function deliverPiece(context: Context, piece: Piece): Promise<readonly Outcome[]> {
  const { shared, request, signal, tally } = context
  const result = await exchange(shared, { method: 'POST', path: request.path, body: piece.body, repeatable: !request.needsMark, signal })
  tally.requests += result.tries
  tally.retries += result.tries - 1
  if (result.kind === 'unknown') return piece.parts.map(() => ({ status: request.needsMark ? 'unknown' : 'failed', reason: result.reason }))
  if (result.kind === 'split')
    return cut(context, piece, { code: 'BRAZE_TOO_LARGE', message: 'Braze found the object too large (HTTP 413)' })
  const reading = readTrackAnswer(piece.parts, result)
  if (reading.kind === 'outcomes') return retryBystanders(context, piece, reading.outcomes)
  const rejection =
    reading.kind === 'bisect' ? reading.rejection : { code: 'BRAZE_TOO_MANY', message: 'Braze found too many objects in one request' }
  return cut(context, piece, rejection)
}

/** After a 400 that names some objects, the others were not processed: they go again without them. */
async function retryBystanders(context: Context, piece: Piece, outcomes: readonly Outcome[]): Promise<readonly Outcome[]> {
  const waiting = outcomes.flatMap((outcome, index) => (outcome.status === 'failed' ? [index] : []))
  if (waiting.length === 0 || waiting.length === outcomes.length) return outcomes
  const again = await deliverPiece(context, pick(piece, waiting))
  const merged = [...outcomes]
  waiting.forEach((index, at) => (merged[index] = again[at]))
  return merged
}

async function cut(context: Context, piece: Piece, rejection: { code: string; message: string }): Promise<readonly Outcome[]> {
  if (piece.parts.length === 1) return [{ status: 'rejected', rejection }]
  const indexes = piece.parts.map((_, index) => index)
  const half = Math.ceil(indexes.length / 2)
  const first = await deliverPiece(context, pick(piece, indexes.slice(0, half)))
  return [...first, ...(await deliverPiece(context, pick(piece, indexes.slice(half))))]
}

/** The piece reduced to some of its parts, in order. */
function pick(piece: Piece, indexes: readonly number[]): Piece {
  const { attributes = [], events = [] } = JSON.parse(Buffer.from(piece.body).toString('utf8')) as Partial<TrackBody>
  const objects = [...attributes, ...events]
  const chosen = indexes.map((index) => ({ part: piece.parts[index], object: objects[index] }))
  const body: Record<string, unknown[]> = {}
  for (const { part, object } of chosen) (body[part.kind === 'attributes' ? 'attributes' : 'events'] ??= []).push(object)
  return { parts: chosen.map(({ part }) => part), body: Buffer.from(JSON.stringify(body)) }
}
