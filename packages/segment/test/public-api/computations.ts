import type { Audience, ComputedTrait, Subscription } from '../../src/public-api/index.ts'

const BASE = {
  enabled: true,
  status: 'Live',
  cadence: 'realtime',
  includesHistory: true,
  lookBackDays: null,
  definition: null,
} as const

export function audience(key: string, more: Partial<Audience> = {}): Audience {
  return { ...BASE, id: `aud_${key}`, key, name: `The ${key}`, type: 'users', size: null, ...more }
}

export function computedTrait(key: string, more: Partial<ComputedTrait> = {}): ComputedTrait {
  return {
    ...BASE,
    id: `tra_${key}`,
    key,
    name: `The ${key}`,
    includesAnonymousUsers: false,
    ...more,
  }
}

export function subscription(actionSlug: string, trigger: string, enabled = true): Subscription {
  return { id: 'sub', name: actionSlug, actionSlug, trigger, enabled, settings: null }
}
