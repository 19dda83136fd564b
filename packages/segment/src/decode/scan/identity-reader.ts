import type { DecodedRow, IdentityRule } from '@engage-sync/contract'
import type { CallScan, Span } from './call-scan.ts'
import { ExternalIdFinder } from './external-ids.ts'
import { IdCheck, isTrim } from './id-check.ts'
import { BACKSLASH, bytesOf, QUOTE } from './json-scanner.ts'
import { NONE, SEVERAL } from './member-list.ts'
import type { MemberList } from './member-list.ts'

const EMAIL = bytesOf('email')

/** External id types that have a place of their own. */
const SAME_AS: Readonly<Partial<Record<string, 'userId' | 'anonymousId' | 'email'>>> =
  Object.assign(Object.create(null), {
    user_id: 'userId',
    anonymous_id: 'anonymousId',
    email: 'email',
  })

/** Where an identifier stands: `start` is -1 when it is absent. */
interface Found {
  start: number
  end: number
}

/** Finds the identifiers of a scanned call by the identity rules of a plan. */
export class IdentityReader {
  readonly #rules: readonly IdentityRule[]
  readonly #needsEmail: boolean
  /** Rules with a path of several steps are rare enough to leave them to the exact decoder. */
  readonly #isPlain: boolean
  readonly #listed: readonly (ExternalIdFinder | null)[]
  readonly #email: Found = { start: -1, end: -1 }
  readonly #traitNames: readonly (Uint8Array | null)[]
  readonly #found: Found = { start: -1, end: -1 }
  /** Null for rules that take identifiers as they are. */
  readonly #checks: readonly (IdCheck | null)[]

  constructor(rules: readonly IdentityRule[]) {
    this.#rules = rules
    this.#needsEmail = rules.some(needsEmail)
    this.#checks = rules.map((rule) =>
      rule.lowerCase === undefined && rule.refuse === undefined ? null : new IdCheck(rule),
    )
    this.#isPlain = rules.every(
      ({ externalId }) => externalId.from !== 'traits' || externalId.path.length === 1,
    )
    this.#listed = rules.map(({ externalId }) =>
      externalId.from === 'externalIds' ? new ExternalIdFinder(externalId.type) : null,
    )
    this.#traitNames = rules.map(({ externalId }) =>
      externalId.from === 'traits' ? bytesOf(externalId.path[0]) : null,
    )
  }

  /** Fills a row's identifiers; false when the exact decoder must look. */
  read(scan: CallScan, row: DecodedRow): boolean {
    if (
      !this.#isPlain ||
      !isPlainId(scan.bytes, scan.userId) ||
      !isPlainId(scan.bytes, scan.anonymousId)
    )
      return false
    const isNameless = isAbsent(scan.userId) && isAbsent(scan.anonymousId)
    if ((this.#needsEmail || isNameless) && !this.#readEmail(scan)) return false
    if (isNameless && this.#email.start < 0) return false
    for (let rule = 0; rule < this.#rules.length; rule++) {
      if (!this.#readExternalId(scan, row, rule)) return false
      const { alias } = this.#rules[rule]
      if (alias === null) continue
      const found = this.#of(alias.from, scan)
      if (isAbsent(found)) continue
      const check = this.#checks[rule]
      if (check !== null && !check.isPlain(scan.bytes, found, alias.from === 'email')) return false
      row.aliasStart[rule] = found.start
      row.aliasEnd[rule] = found.end
    }
    return true
  }

  #readExternalId(scan: CallScan, row: DecodedRow, rule: number): boolean {
    const found = this.#findExternalId(scan, rule)
    if (found === null) return false
    if (isAbsent(found)) return true
    const check = this.#checks[rule]
    if (check !== null && !check.isPlain(scan.bytes, found, true)) return false
    row.externalIdStart[rule] = found.start
    row.externalIdEnd[rule] = found.end
    return true
  }

  /** Null when the exact decoder must look. */
  #findExternalId(scan: CallScan, rule: number): Found | null {
    const { externalId } = this.#rules[rule]
    if (externalId.from !== 'traits' && externalId.from !== 'externalIds')
      return this.#of(externalId.from, scan)
    const found = this.#found
    if (externalId.from === 'traits') {
      const name = this.#traitNames[rule]!
      if (!readText(scan, scan.body, name, found)) return null
      return found.start >= 0 || readText(scan, scan.contextTraits, name, found) ? found : null
    }
    const known = SAME_AS[externalId.type]
    if (known !== undefined && !isAbsent(this.#of(known, scan))) return this.#of(known, scan)
    return this.#listed[rule]!.find(scan, found) && isTrim(scan.bytes, found) ? found : null
  }

  #of(from: 'userId' | 'anonymousId' | 'email', scan: CallScan): Found {
    if (from === 'userId') return scan.userId
    return from === 'anonymousId' ? scan.anonymousId : this.#email
  }

  /**
   * `traits.email`, then `context.traits.email`, then `properties.email`: the body is one of the
   * outer two.
   */
  #readEmail(scan: CallScan): boolean {
    const email = this.#email
    const first = scan.isProperties ? scan.contextTraits : scan.body
    const second = scan.isProperties ? scan.body : scan.contextTraits
    if (!readText(scan, first, EMAIL, email)) return false
    return email.start >= 0 || readText(scan, second, EMAIL, email)
  }
}

function needsEmail({ externalId, alias }: IdentityRule): boolean {
  return (
    externalId.from === 'email' ||
    alias?.from === 'email' ||
    (externalId.from === 'externalIds' && externalId.type === 'email')
  )
}

/** Reads a member that is a text; false when there are two, it has escapes, or is no text. */
function readText(scan: CallScan, members: MemberList, name: Uint8Array, into: Found): boolean {
  into.start = -1
  if (members.count === 0) return true
  const member = members.indexOf(scan.bytes, name)
  if (member === NONE) return true
  if (member === SEVERAL || scan.bytes[members.valueStart[member]] !== QUOTE) return false
  const start = members.valueStart[member] + 1
  const end = members.valueEnd[member] - 1
  for (let at = start; at < end; at++) {
    if (scan.bytes[at] === BACKSLASH) return false
  }
  if (start === end) return true
  into.start = start
  into.end = end
  return isTrim(scan.bytes, into)
}

/** Whether an identifier at the top of a call is a text as it stands, or not there. */
function isPlainId(bytes: Uint8Array, span: Span): boolean {
  return span.start < 0 ? !span.isOther : isTrim(bytes, span)
}

/** Empty texts name nobody. */
function isAbsent(found: { readonly start: number; readonly end: number }): boolean {
  return found.start < 0 || found.start === found.end
}
