import { hashOut, hashText } from '@engage-sync/core'

/** Digest of a canonical text, as slots hold it. */
export function digestOf(text: string): { readonly low: number; readonly high: number } {
  hashText(text)
  return { low: hashOut[0], high: hashOut[1] }
}

/** Digest of an attribute that was unset. */
export const NULL_DIGEST = digestOf('null')
