/** A count with its noun: `1 file`, `2,000 files`. @param several - default: with an `s` behind */
export function countOf(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`
}
