import { CLOSED, UNUSUAL } from './json-scanner.ts'
import type { JsonScanner } from './json-scanner.ts'

/** More members than this are left to the exact decoder. */
const CAPACITY = 256

/** What `indexOf` gives when no member has the name. */
export const NONE = -1
/** What `indexOf` gives when several members have the name. */
export const SEVERAL = -2

/** Where the members of one object stand. */
export class MemberList {
  count = 0
  readonly keyStart = new Int32Array(CAPACITY)
  readonly keyEnd = new Int32Array(CAPACITY)
  readonly valueStart = new Int32Array(CAPACITY)
  readonly valueEnd = new Int32Array(CAPACITY)

  /** Walks over an object and notes its members; gives where it ends, or `UNUSUAL`. */
  fill(scanner: JsonScanner, from: number): number {
    this.count = 0
    let at = scanner.open(from)
    while (at >= 0) {
      const value = scanner.key(at)
      const end = value < 0 || this.count === CAPACITY ? UNUSUAL : scanner.value(value)
      if (end < 0) return UNUSUAL
      this.keyStart[this.count] = scanner.keyStart
      this.keyEnd[this.count] = scanner.keyEnd
      this.valueStart[this.count] = value
      this.valueEnd[this.count] = end
      this.count++
      at = scanner.afterValue(end)
    }
    return at === CLOSED ? scanner.closedAt : UNUSUAL
  }

  /** The one member of this name, `NONE`, or `SEVERAL`. */
  indexOf(
    bytes: Uint8Array,
    name: { readonly length: number; readonly [index: number]: number },
  ): number {
    let found = NONE
    for (let member = 0; member < this.count; member++) {
      if (
        this.keyEnd[member] - this.keyStart[member] !== name.length ||
        !this.#isNamed(bytes, member, name)
      )
        continue
      if (found >= 0) return SEVERAL
      found = member
    }
    return found
  }

  #isNamed(
    bytes: Uint8Array,
    member: number,
    name: { readonly length: number; readonly [index: number]: number },
  ): boolean {
    const start = this.keyStart[member]
    for (let index = 0; index < name.length; index++) {
      if (bytes[start + index] !== name[index]) return false
    }
    return true
  }
}
