import type { Json } from '@engage-sync/contract'
import {
  COHORT_POINTS,
  dataPointsOf,
  EVENT_POINTS,
  SUBSCRIPTION_POINTS,
} from '../braze/data-points.ts'
import { differenceText } from '../braze/differences.ts'
import type { OpenPartition } from '../rows/pending/open-partition.ts'
import { attributeChange } from './build-update.ts'
import type { Output } from './outputs.ts'

/**
 * Data points one pending entry will cost, by the billing table. To be asked before what is delivered is kept, since differences are counted from
 * it.
 */
export function pointsOf(
  open: OpenPartition,
  change: {
    readonly row: number
    readonly entry: number
    readonly output: Output
    readonly events: number
  },
): number {
  const { row, entry, output, events } = change
  if (output.kind === 'event') return events * EVENT_POINTS
  if (output.kind === 'cohort') return COHORT_POINTS
  if (output.kind === 'subscription') return SUBSCRIPTION_POINTS
  const attribute = output.encoding
  if (output.isSegment || attribute.mode === 'element') return 1
  const { pending } = open
  const first = pending.firstByte(entry)
  const isScalar = first !== OBJECT_START && first !== ARRAY_START
  if (isScalar)
    return attribute.standard ? dataPointsOf(attribute.name, null, { standard: true }) : 1
  const { mode, name, standard } = attribute
  const whole = pending.text(entry)
  const isDifference = mode === 'array-update' || mode === 'objects-by-id'
  if (!isDifference && first === ARRAY_START && !whole.includes('{'))
    return dataPointsOf(name, SCALARS, { standard })
  const sent = isDifference ? differenceText(attributeChange(open, row, { entry, output })) : whole
  return dataPointsOf(name, JSON.parse(sent) as Json, {
    standard,
    mode: sent === whole ? 'replace' : mode,
  })
}

/** Whichever they are, they cost the same. */
const SCALARS: Json = []
const OBJECT_START = 0x7b
const ARRAY_START = 0x5b
