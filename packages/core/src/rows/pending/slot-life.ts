import { SyncError } from '@engage-sync/contract'

/**
 * The life of a slot's change, from the record that brought it to the answer that ended it.
 *
 *                   propose                     mark
 *     none ───────────────────────▶ pending ─────────────▶ marked
 *                                   ▲  │ │                   │
 *                          propose  │  │ │  deliver,         │  deliver,
 *                 (a newer record)  │  │ │  refuse, defer    │  refuse, defer
 *                                   │  │ ▼                   ▼
 *     withdrawn ◀── withdraw ───────│──┘ delivered | refused | deferred
 *         └─────────────────────────┴─────────────┘
 *
 * - `pending`: the row holds a value the destination does not, and it is to be sent.
 * - `marked`: the intent of a request with it is durable, so that it is not repeated blindly.
 * - `delivered`: the destination has it.
 * - `refused`: the slot holds again what was delivered before; the refused value beside it is not
 *   tried again.
 * - `deferred`: the slot holds again what was delivered before, and a later try or run finds the
 *   change anew.
 * - `withdrawn`: nothing is sent of it, since the value was refused before, or another row took it
 *   over.
 */
export type SlotLife =
  'none' | 'pending' | 'marked' | 'withdrawn' | 'delivered' | 'refused' | 'deferred'

/** What may happen to it. */
export type SlotTurn = 'propose' | 'mark' | 'withdraw' | 'deliver' | 'refuse' | 'defer'

/**
 * What ended may begin anew. An event of the slot whose answer is missing defers it whole,
 * whichever came first.
 */
const ENDED = {
  propose: 'pending',
  mark: null,
  withdraw: null,
  deliver: null,
  refuse: null,
  defer: 'deferred',
} as const

/**
 * What becomes of a slot's change; null for what cannot happen. No turn of any life can be left
 * out: it is typed so.
 */
export const SLOT_TURNS: Readonly<Record<SlotLife, Readonly<Record<SlotTurn, SlotLife | null>>>> = {
  none: {
    propose: 'pending',
    mark: null,
    withdraw: null,
    deliver: null,
    refuse: null,
    defer: null,
  },
  pending: {
    propose: 'pending',
    mark: 'marked',
    withdraw: 'withdrawn',
    deliver: 'delivered',
    refuse: 'refused',
    defer: 'deferred',
  },
  // A slot of events may have several, in several requests.
  marked: {
    propose: null,
    mark: 'marked',
    withdraw: null,
    deliver: 'delivered',
    refuse: 'refused',
    defer: 'deferred',
  },
  withdrawn: { ...ENDED, withdraw: 'withdrawn' },
  delivered: ENDED,
  refused: ENDED,
  deferred: { ...ENDED, deliver: 'deferred', refuse: 'deferred' },
}

/** Lives a pool keeps, in the order of their numbers; from `withdrawn` on nothing is sent. */
const KEPT = [
  'pending',
  'marked',
  'withdrawn',
  'delivered',
  'refused',
  'deferred',
] as const satisfies readonly SlotLife[]

/** Number of the first life of which nothing is sent. */
export const FIRST_ENDED = KEPT.indexOf('withdrawn')

const IMPOSSIBLE = 255

/** The table by numbers: of each turn, where it leads by the number of a life. */
const NUMBERS: Readonly<Record<SlotTurn, Uint8Array>> = {
  propose: turned('propose'),
  mark: turned('mark'),
  withdraw: turned('withdraw'),
  deliver: turned('deliver'),
  refuse: turned('refuse'),
  defer: turned('defer'),
}

function turned(turn: SlotTurn): Uint8Array {
  return Uint8Array.from(KEPT, (life) => numberOf(SLOT_TURNS[life][turn]))
}

function numberOf(life: SlotLife | null): number {
  const number = KEPT.findIndex((kept) => kept === life)
  return number < 0 ? IMPOSSIBLE : number
}

/** The life a number stands for. */
export function lifeOf(number: number): SlotLife {
  return KEPT[number]
}

/**
 * Number of the life a turn leads to.
 *
 * @throws {SyncError} `INTERNAL` for a turn the table has not
 */
export function turnLife(number: number, turn: SlotTurn): number {
  const next = NUMBERS[turn][number]
  if (next !== IMPOSSIBLE) return next
  throw new SyncError('INTERNAL', `A slot's change that is ${lifeOf(number)} cannot ${turn}`)
}
