import { buildEvent, EXAMPLE_COMPUTATIONS } from '@engage-sync/testkit'
import { Random } from '@engage-sync/testkit'
import type { Json } from '@engage-sync/core'

/** Those that a sync with every encoding maps, as often as the others are drawn. */
const MAPPED = new Set([
  'last_product_viewed_item',
  'lifetime_value',
  'loyalty_points',
  'loyalty_tier',
  'last_order_at',
  'favorite_categories',
  'preferred_store',
  'is_subscriber',
  'dormant_shopper',
  'loyalty_vip',
  'points_expiring',
  'birthday_month',
])

/**
 * Events as Engage sends them, of every computation that is mapped, each of which changes something:
 * a user's value of a computation is another one each time, members leave and come.
 */
export class ChangingRecords {
  readonly #users: number
  readonly #random = new Random(1)
  readonly #wheel = EXAMPLE_COMPUTATIONS.filter(({ key }) => MAPPED.has(key)).flatMap((one) =>
    Array.from({ length: one.weight }, () => one),
  )
  /** How often each user had a value of each computation. */
  readonly #times = new Map<string, number>()

  constructor(users: number) {
    this.#users = users
  }

  /** The event with a number; a user has those `users` apart. */
  text(number: number, timeMs: number): string {
    const user = number % this.#users
    // Steps through the wheel that no other number of users takes in step.
    const computation =
      this.#wheel[(number * 7 + Math.floor(number / this.#users) * 11) % this.#wheel.length]!
    const { class: named, key, forms } = computation
    const place = `${user} ${key}`
    const times = (this.#times.get(place) ?? 0) + 1
    this.#times.set(place, times)
    const value: Json | undefined =
      named === 'audience' ? times % 2 === 1 : computation.value(times)
    return JSON.stringify(
      buildEvent({
        class: named,
        key,
        form: forms[number % forms.length]!,
        user: { userId: `user-${user}` },
        time: timeMs,
        ...(value !== undefined && { value }),
        random: this.#random,
      }),
    )
  }
}
