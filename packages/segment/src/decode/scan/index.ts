/**
 * One walk over the bytes of a call: where everything stands that a row is made of. No text is
 * built.
 *
 * Whatever is not plain (`UNUSUAL`, `UNCLEAR`, false, null) is left to the exact decoder.
 */
export { CallScan } from './call-scan.ts'
export type { Span } from './call-scan.ts'
export { isCanonical } from './canonical-bytes.ts'
export { IdentityReader } from './identity-reader.ts'
export { InstantReader } from './instant.ts'
export { bytesOf, JsonScanner, OPEN_BRACE, OPEN_BRACKET, QUOTE, standsAt } from './json-scanner.ts'
export { KeyTable } from './key-table.ts'
export type { MemberList } from './member-list.ts'
export { resolve } from './resolution.ts'
export { ScanTrust } from './scan-trust.ts'
export type { Asked, ReadMember, Resolution } from './resolution.ts'
export { findMember, findPath, FOUND, NO_VALUE, UNCLEAR } from './value-path.ts'
export type { Place } from './value-path.ts'
