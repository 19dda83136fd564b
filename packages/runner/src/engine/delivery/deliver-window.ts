import { killPoint } from '../../process/kill-points.ts'
import { sleep } from '../durable/index.ts'
import { deliverMemberships } from './cohorts.ts'
import type { CohortDelivery } from './cohorts.ts'
import { Delivery } from './deliver-updates.ts'
import { RowSet } from './row-set.ts'
import type { DeliveryInputs, LateAnswers, RowAt } from './delivery-inputs.ts'
import type { OpenRequest } from './open-request.ts'

/** What delivers the rows of one window. */
export interface WindowInputs
  extends CohortDelivery, Omit<DeliveryInputs, 'only' | 'held' | 'late'> {
  readonly late: LateAnswers
}

/** How the rows of a window were delivered, apart from those whose answers are late. */
export interface WindowDelivered {
  /** What ended it early, or null. */
  readonly failure: unknown
  /** Rows of which some part was neither delivered nor refused. */
  readonly unfinished: readonly RowAt[]
  /** Rows of which some part must not leave before another one has settled. */
  readonly settling: readonly RowAt[]
  /** Marked requests that may have been applied or not. */
  readonly open: readonly OpenRequest[]
}

const NOBODY: ReadonlySet<string> = new Set()

/**
 * Delivers the rows of one window, each once: attributes and events, then memberships of users who
 * are not new. Nothing is waited for but answers that come in time.
 */
export async function deliverWindow(inputs: WindowInputs): Promise<WindowDelivered> {
  const { sending, late } = inputs
  const result = await new Delivery({ ...inputs, only: null, held: NOBODY, late }).run()
  const { failure, open, created, memberships } = result
  if (failure !== null || sending.signal.aborted)
    return { failure, unfinished: [], settling: [], open }
  const isNew = (place: RowAt) => sending.destination.settleMs > 0 && created.has(place)
  const known = memberships.filter((place) => !isNew(place))
  killPoint('before-cohorts')
  const joined = await joinInTime(inputs, known)
  return {
    failure: null,
    unfinished: [...result.unfinished, ...joined],
    settling: [...result.again, ...memberships.filter(isNew)],
    open,
  }
}

/** Changes memberships; returns the rows that are not finished. None of those that are late. */
async function joinInTime(inputs: WindowInputs, rows: readonly RowAt[]): Promise<readonly RowAt[]> {
  const { late } = inputs
  let sentAt = performance.now()
  const onSent: typeof inputs.sending.onSent = (sent) => {
    sentAt = performance.now()
    inputs.sending.onSent(sent)
  }
  const done = new RowSet()
  const onDone = (place: RowAt) => done.add(place)
  const sending = { ...inputs.sending, onSent }
  const joining = deliverMemberships({ ...inputs, sending, onDone }, rows)
  const ended = joining.then(({ unfinished }) => unfinished)
  const stopped = new AbortController()
  for (;;) {
    const leftMs = sentAt + late.afterMs - performance.now()
    const inTime = await Promise.race([ended, sleep(Math.max(1, leftMs), stopped.signal)])
    if (inTime !== undefined) {
      // Without a reason it makes an error with its stack.
      stopped.abort(null)
      return inTime
    }
    if (performance.now() - sentAt < late.afterMs) continue
    const left = rows.filter((place) => !done.has(place))
    if (!late.mayBegin(left.length)) {
      sentAt = performance.now()
      continue
    }
    late.begin(left)
    void ended.then(
      (unfinished) => endLate(late, { rows: left, unfinished, failure: null }),
      (failure: unknown) => endLate(late, { rows: left, unfinished: left, failure }),
    )
    return []
  }
}

function endLate(
  late: LateAnswers,
  ended: {
    readonly rows: readonly RowAt[]
    readonly unfinished: readonly RowAt[]
    readonly failure: unknown
  },
): void {
  const left = new Set(ended.unfinished.map(keyOf))
  for (const place of ended.rows) late.row(place, left.has(keyOf(place)) ? 'failed' : 'done')
  late.end(ended.failure)
}

function keyOf({ open, row }: RowAt): string {
  return `${open.rows.number}:${row}`
}
