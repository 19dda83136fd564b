const SHOWN_AT_EACH_END = 2

/**
 * An identifier of a user as it may stand in output that others see: the same in every command, so
 * that two of them can be matched; enough to recognise one's own, not enough to know anyone's.
 *
 * Shape: `shopper-1` → `sh…-1`; never more than half of it. An alias shows its label:
 * `store:bo…bo`. Characters a terminal would obey are the writer's to keep away.
 *
 * @param id - an external id, or `label NUL name`, as rows hold an alias
 */
export function maskUser(id: string): string {
  const split = id.indexOf('\u0000')
  if (split >= 0) return `${id.slice(0, split)}:${maskUser(id.slice(split + 1))}`
  const characters = [...id]
  const shown = Math.min(SHOWN_AT_EACH_END, Math.floor(characters.length / 4))
  return `${characters.slice(0, shown).join('')}…${shown === 0 ? '' : characters.slice(-shown).join('')}`
}

/** The same identifier whole, with the NUL of an alias as a colon. */
export function wholeUser(id: string): string {
  return id.replace('\u0000', ':')
}
