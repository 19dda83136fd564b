import { SyncError } from '@engage-sync/core'
import type { StateStore } from '@engage-sync/core'

/** A state whose server goes away: whatever is asked of it then fails as a lost connection does. */
export function awayStore(store: StateStore, isAway: () => boolean): StateStore {
  return new Proxy(store, {
    get: (of, name) => {
      const found: unknown = Reflect.get(of, name)
      if (typeof found !== 'function') return found
      return async (...args: readonly unknown[]) => {
        if (isAway()) throw new SyncError('STATE_UNAVAILABLE', 'away', { hint: 'wait' })
        return await (Reflect.apply(found, of, args) as Promise<unknown>)
      }
    },
  })
}
