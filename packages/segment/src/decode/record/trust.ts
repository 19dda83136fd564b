import { isJsonObject, own } from '@engage-sync/contract'
import type { Json, Trust } from '@engage-sync/contract'
import type { SkipCode } from './codes.ts'
import type { SegmentCall } from './event.ts'

/** The channel of calls that no browser or app can make: Segment's own, and those of servers. */
const SERVER = 'server'

/**
 * Why a call does not count, or null when it does.
 *
 * Whoever has a public write key can write any member of a call but the folder or the secret it
 * comes by: this keeps apart what Engage sends from what comes by accident. The wall is the folder
 * that only Engage writes to.
 *
 * @see https://www.twilio.com/docs/segment/connections/spec/common (channel)
 */
export function distrustOf(call: SegmentCall, trust: Trust): SkipCode | null {
  const { record, context } = call
  if (!trust.client && !(isOfServer(own(record, 'channel')) && isOfServer(own(context, 'channel'))))
    return 'SKIPPED_CLIENT'
  if (call.type === 'delete') return trust.deletes ? null : 'SKIPPED_DELETE'
  const personas = own(context, 'personas')
  if (!isJsonObject(personas)) return trust.unmarked ? null : 'SKIPPED_UNMARKED'
  const space = own(personas, 'space_id') ?? null
  return trust.spaceId === null || space === null || space === trust.spaceId
    ? null
    : 'SKIPPED_OTHER_SPACE'
}

function isOfServer(channel: Json | undefined): boolean {
  return channel === undefined || channel === null || channel === SERVER
}
