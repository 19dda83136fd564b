const SHOWN = 3

/**
 * An identifier of a user, as it may stand in output that others see.
 *
 * Shape: its first characters and an ellipsis, never more than half of it. An alias shows its label.
 */
export function shortenId(id: string): string {
  const split = id.indexOf('\u0000')
  if (split >= 0) return `${id.slice(0, split)}:${shortenId(id.slice(split + 1))}`
  return `${id.slice(0, Math.min(SHOWN, id.length >> 1))}…`
}

/** An identifier whole, with the NUL of an alias as a colon. */
export function wholeId(id: string): string {
  return id.replace('\u0000', ':')
}
