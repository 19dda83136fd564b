import type { Json } from '@engage-sync/core'
import type { EventSpec } from './build.ts'

/** A computation the generator draws events of. */
export interface Computation {
  readonly class: EventSpec['class']
  readonly key: string
  /** How often it is drawn, relative to the others. */
  readonly weight: number
  readonly forms: readonly EventSpec['form'][]
  /** A value for a well-spread number; the same number gives the same value. */
  readonly value: (drawn: number) => Json | undefined
  /** Columns of a SQL trait's row, in place of a member named by the key. */
  readonly columns?: (drawn: number) => Readonly<Record<string, Json>>
  /** Profile traits travel with it. */
  readonly enriched?: boolean
  readonly event?: string
}

const PRODUCTS = [
  'Sweater',
  'Wool sweater',
  'Jeans',
  'Rain jacket',
  'Sneakers',
  'Scarf',
  'Tee 3-pack',
  'Boots',
  'Socks "Nordic"',
  'Café mug',
  'Umbrella',
]
const CATEGORIES = [
  'accessories',
  'home',
  'jackets',
  'kids',
  'knitwear',
  'outdoor',
  'shoes',
  'sport',
]
const TIERS = ['bronze', 'silver', 'gold', 'platinum']
const STORES = [
  { city: 'Zürich', id: 'st_01', open: true },
  { city: 'Lyon', id: 'st_02', open: true },
  { city: 'Austin', id: 'st_03', open: false },
]
const DAY_MS = 86_400_000
const LAST_ORDERS_END_MS = Date.UTC(2026, 0, 4)

/**
 * The computations of the example configuration, and some that it does not map.
 *
 * Every type a trait can have is among them: text, number, whole number, boolean, time, list,
 * object, null.
 */
export const EXAMPLE_COMPUTATIONS: readonly Computation[] = [
  {
    class: 'trait',
    key: 'last_product_viewed_item',
    weight: 20,
    forms: ['identify'],
    value: (drawn) => PRODUCTS[drawn % PRODUCTS.length],
  },
  {
    class: 'trait',
    key: 'lifetime_value',
    weight: 14,
    forms: ['identify', 'track'],
    value: moneyOrNull,
  },
  {
    class: 'trait',
    key: 'loyalty_points',
    weight: 10,
    forms: ['identify'],
    value: (drawn) => drawn % 5000,
  },
  {
    class: 'computed_trait',
    key: 'loyalty_tier',
    weight: 6,
    forms: ['identify'],
    value: (drawn) => TIERS[drawn % TIERS.length],
    enriched: true,
  },
  { class: 'trait', key: 'last_order_at', weight: 6, forms: ['identify'], value: orderTime },
  { class: 'trait', key: 'favorite_categories', weight: 8, forms: ['identify'], value: categories },
  {
    class: 'trait',
    key: 'preferred_store',
    weight: 3,
    forms: ['identify'],
    value: (drawn) => STORES[drawn % STORES.length],
  },
  {
    class: 'trait',
    key: 'is_subscriber',
    weight: 2,
    forms: ['identify'],
    value: (drawn) => drawn % 2 === 0,
  },
  {
    class: 'trait',
    key: 'erp_account',
    weight: 2,
    forms: ['identify'],
    value: () => undefined,
    columns: sqlRow,
  },
  {
    class: 'audience',
    key: 'dormant_shopper',
    weight: 12,
    forms: ['track', 'identify'],
    value: isMember,
  },
  {
    class: 'audience',
    key: 'loyalty_vip',
    weight: 8,
    forms: ['track'],
    value: isMember,
    enriched: true,
  },
  { class: 'audience', key: 'points_expiring', weight: 3, forms: ['identify'], value: isMember },
  { class: 'audience', key: 'birthday_month', weight: 3, forms: ['identify'], value: isMember },
  { class: 'audience', key: 'newsletter_reader', weight: 2, forms: ['identify'], value: isMember },
  {
    class: 'audience',
    key: 'j_o_welcome_series__second_email_x8k2',
    weight: 2,
    forms: ['track'],
    value: () => true,
  },
  {
    class: 'journey_step',
    key: 'winback__step_8943l',
    weight: 1,
    forms: ['track'],
    value: () => undefined,
    event: 'Winback email due',
  },
]

/** Members nine times of ten, as after the first computation; those who leave come back. */
function isMember(drawn: number): boolean {
  return drawn % 10 !== 0
}

function moneyOrNull(drawn: number): Json {
  return drawn % 50 === 0 ? null : (drawn % 90_000) / 100
}

function orderTime(drawn: number): string {
  return new Date(LAST_ORDERS_END_MS - (drawn % 200) * DAY_MS).toISOString()
}

/** Unique lists come sorted from Engage. */
function categories(drawn: number): readonly string[] {
  const chosen = CATEGORIES.filter((_, index) => (drawn & (1 << index)) !== 0)
  return chosen.length > 0 ? chosen : CATEGORIES.slice(0, 1)
}

function sqlRow(drawn: number): Readonly<Record<string, Json>> {
  return {
    erp_account_id: `acc_${drawn % 100_000}`,
    erp_credit_limit: (drawn % 40) * 250,
    erp_on_hold: drawn % 7 === 0,
  }
}
