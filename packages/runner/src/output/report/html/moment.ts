const MOMENT = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'full',
  timeStyle: 'short',
  timeZone: 'UTC',
})

/** An instant in words, with its zone: `Monday 2 March 2026 at 09:30 UTC`. @param instant - ISO 8601 */
export function momentText(instant: string): string {
  return `${MOMENT.format(new Date(instant))} UTC`
}
