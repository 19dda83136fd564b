import type { Endpoint } from './endpoint.ts'
import { answerExport } from './export.ts'
import { answerRemove, answerRename } from './external-ids.ts'
import { answerCustomAttributes, answerEvents, answerEventsList, answerProducts } from './lists.ts'
import { answerExportSegment, answerSegmentDetails, answerSegmentsList } from './segments.ts'
import {
  answerStatusGet,
  answerStatusSet,
  answerStatusSetV2,
  answerUserStatus,
} from './subscriptions.ts'
import { answerSync } from './sync.ts'
import { answerBulk, answerTrack } from './track.ts'
import {
  answerAliasNew,
  answerAliasUpdate,
  answerDelete,
  answerIdentify,
  answerMerge,
} from './users.ts'

/** Endpoints of the REST API by path. @see https://www.braze.com/docs/api/home/ */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  [
    '/users/track',
    { method: 'POST', permission: 'users.track', group: 'track', handle: answerTrack },
  ],
  [
    '/users/track/bulk',
    { method: 'POST', permission: 'users.track.bulk', group: 'bulk', handle: answerBulk },
  ],
  [
    '/users/track/sync',
    { method: 'POST', permission: 'users.track.sync', group: 'sync', handle: answerSync },
  ],
  [
    '/users/alias/new',
    { method: 'POST', permission: 'users.alias.new', group: 'users', handle: answerAliasNew },
  ],
  [
    '/users/alias/update',
    { method: 'POST', permission: 'users.alias.update', group: 'users', handle: answerAliasUpdate },
  ],
  [
    '/users/identify',
    { method: 'POST', permission: 'users.identify', group: 'users', handle: answerIdentify },
  ],
  [
    '/users/merge',
    { method: 'POST', permission: 'users.merge', group: 'users', handle: answerMerge },
  ],
  [
    '/users/delete',
    { method: 'POST', permission: 'users.delete', group: 'users', handle: answerDelete },
  ],
  [
    '/users/export/ids',
    { method: 'POST', permission: 'users.export.ids', group: 'export', handle: answerExport },
  ],
  [
    '/users/export/segment',
    {
      method: 'POST',
      permission: 'users.export.segment',
      group: 'default',
      handle: answerExportSegment,
    },
  ],
  [
    '/users/external_ids/rename',
    {
      method: 'POST',
      permission: 'users.external_ids.rename',
      group: 'externalIds',
      handle: answerRename,
    },
  ],
  [
    '/users/external_ids/remove',
    {
      method: 'POST',
      permission: 'users.external_ids.remove',
      group: 'externalIds',
      handle: answerRemove,
    },
  ],
  [
    '/subscription/status/set',
    {
      method: 'POST',
      permission: 'subscription.status.set',
      group: 'subscriptions',
      handle: answerStatusSet,
    },
  ],
  [
    '/v2/subscription/status/set',
    {
      method: 'POST',
      permission: 'subscription.status.set',
      group: 'subscriptions',
      handle: answerStatusSetV2,
    },
  ],
  [
    '/subscription/status/get',
    {
      method: 'GET',
      permission: 'subscription.status.get',
      group: 'default',
      handle: answerStatusGet,
    },
  ],
  [
    '/subscription/user/status',
    {
      method: 'GET',
      permission: 'subscription.groups.get',
      group: 'default',
      handle: answerUserStatus,
    },
  ],
  [
    '/segments/list',
    { method: 'GET', permission: 'segments.list', group: 'default', handle: answerSegmentsList },
  ],
  [
    '/segments/details',
    {
      method: 'GET',
      permission: 'segments.details',
      group: 'default',
      handle: answerSegmentDetails,
    },
  ],
  ['/events', { method: 'GET', permission: 'events.get', group: 'lists', handle: answerEvents }],
  [
    '/purchases/product_list',
    { method: 'GET', permission: 'purchases.product_list', group: 'lists', handle: answerProducts },
  ],
  [
    '/events/list',
    { method: 'GET', permission: 'events.list', group: 'lists', handle: answerEventsList },
  ],
  [
    '/custom_attributes',
    {
      method: 'GET',
      permission: 'custom_attributes.get',
      group: 'lists',
      handle: answerCustomAttributes,
    },
  ],
])
