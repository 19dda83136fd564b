import type { JsonObject } from '@engage-sync/contract'
import { LIMITS, TYPES } from '../specification/index.ts'
import type { RejectionType } from '../specification/index.ts'
import { bytesOf, isObject, isText } from '../values/index.ts'

/** Why the push tokens of an object are refused; null when they are not. */
export function tokenProblem({ push_tokens: tokens }: JsonObject): RejectionType | null {
  if (tokens === undefined || tokens === null) return null
  if (!Array.isArray(tokens)) return TYPES.pushValue
  for (const token of tokens) {
    if (!isObject(token)) return TYPES.pushValue
    if (!isText(token.token)) return TYPES.pushString
    if (!isText(token.app_id)) return TYPES.pushApp
    const { device_id: device } = token
    if (device !== undefined && !(typeof device === 'string' && isDeviceSize(bytesOf(device))))
      return TYPES.deviceId
  }
  return null
}

function isDeviceSize(bytes: number): boolean {
  return bytes >= LIMITS.deviceIdBytes.least && bytes <= LIMITS.deviceIdBytes.most
}
