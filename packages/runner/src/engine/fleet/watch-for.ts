/** Something that is waited for. */
export interface Watched {
  /** Aborts once it is so. */
  readonly happened: AbortSignal
  readonly stop: () => void
}

/** Looks again and again whether something is so. A look that fails says nothing. */
export function watchFor(isSo: () => Promise<boolean>, everyMs: number): Watched {
  const controller = new AbortController()
  let isLooking = false
  const look = async () => {
    if (isLooking) return
    isLooking = true
    if (await isSo().catch(() => false)) controller.abort()
    isLooking = false
  }
  const timer = setInterval(() => void look(), everyMs)
  void look()
  return { happened: controller.signal, stop: () => clearInterval(timer) }
}
