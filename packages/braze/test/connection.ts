import { connect, disconnect } from '../src/exchange/connect.ts'
import type { ConnectionOptions } from '../src/exchange/connect.ts'
import type { Exchanger } from '../src/exchange/exchange.ts'
import { InstantClock } from './test-clock.ts'

/** What a call needs, on a clock that does not wait; closed with the test's block. */
export function connection(
  url: string,
  options: Partial<ConnectionOptions> = {},
): { readonly shared: Exchanger; readonly clock: InstantClock } & AsyncDisposable {
  const clock = new InstantClock()
  const shared = connect({
    endpoint: url,
    apiKey: 'key-of-test',
    clock,
    random: () => 0.5,
    timeoutMs: 10_000,
    ...options,
  })
  return { shared, clock, [Symbol.asyncDispose]: () => disconnect(shared) }
}

export const SIGNAL = new AbortController().signal
