/** Requests as a server saw them; milliseconds of its own clock. */
export interface Traffic {
  readonly requests: number
  /** When the first came, and when the last was answered. */
  readonly firstMs: number
  readonly lastMs: number
  /** The time each took to be answered, added up. */
  readonly openMs: number
}

/**
 * Before the first request. JSON has no infinity, so this is what a server says that was sent
 * nothing.
 */
export const NO_TRAFFIC: Traffic = { requests: 0, firstMs: Number.MAX_VALUE, lastMs: 0, openMs: 0 }

/** Requests a second from the first request to the last answer; 0 where there were none. */
export function rateOf({ requests, firstMs, lastMs }: Traffic): number {
  return requests === 0 ? 0 : (requests * 1000) / (lastMs - firstMs)
}

/** How many requests were open at a time in that while, on average. */
export function inFlightOf({ requests, firstMs, lastMs, openMs }: Traffic): number {
  return requests === 0 ? 0 : openMs / (lastMs - firstMs)
}
