import type { DecodePlan, RowDecoder } from '@engage-sync/core'

/** A decoder, and the plan it was made for. */
interface Kept {
  readonly plan: DecodePlan
  readonly decoder: RowDecoder
}

/**
 * Decoders for one window after another: plans that differ in their time alone share one, which knows the shapes of
 * the records that came.
 *
 * Shape: as what makes them. A decoder that cannot be redated is made anew each time.
 */
export function keptDecoders(
  create: (plan: DecodePlan) => RowDecoder,
): (plan: DecodePlan) => RowDecoder {
  const byKeys = new Map<DecodePlan['keys'], Kept>()
  return (plan) => {
    const kept = byKeys.get(plan.keys)
    if (kept?.decoder.redate !== undefined && isSameReading(kept.plan, plan)) {
      kept.decoder.redate(plan.nowMs)
      return kept.decoder
    }
    const decoder = create(plan)
    byKeys.set(plan.keys, { plan, decoder })
    return decoder
  }
}

function isSameReading(a: DecodePlan, b: DecodePlan): boolean {
  return (
    a.only === b.only &&
    a.identities === b.identities &&
    a.timeField === b.timeField &&
    a.trust === b.trust
  )
}
