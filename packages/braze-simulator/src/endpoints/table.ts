import type { Endpoint } from './endpoint.ts'
import { answerExport } from './export.ts'
import { answerCustomAttributes, answerEventsList } from './lists.ts'
import { answerSync } from './sync.ts'
import { answerBulk, answerTrack } from './track.ts'
import { answerAliasNew, answerAliasUpdate, answerDelete, answerIdentify, answerMerge } from './users.ts'

/** Endpoints of the REST API by path. @see https://www.braze.com/docs/api/home/ */
export const ENDPOINTS: ReadonlyMap<string, Endpoint> = new Map<string, Endpoint>([
  ['/users/track', { method: 'POST', permission: 'users.track', group: 'track', handle: answerTrack }],
  ['/users/track/bulk', { method: 'POST', permission: 'users.track.bulk', group: 'bulk', handle: answerBulk }],
  ['/users/track/sync', { method: 'POST', permission: 'users.track.sync', group: 'sync', handle: answerSync }],
  ['/users/alias/new', { method: 'POST', permission: 'users.alias.new', group: 'users', handle: answerAliasNew }],
  ['/users/alias/update', { method: 'POST', permission: 'users.alias.update', group: 'users', handle: answerAliasUpdate }],
  ['/users/identify', { method: 'POST', permission: 'users.identify', group: 'users', handle: answerIdentify }],
  ['/users/merge', { method: 'POST', permission: 'users.merge', group: 'users', handle: answerMerge }],
  ['/users/delete', { method: 'POST', permission: 'users.delete', group: 'users', handle: answerDelete }],
  ['/users/export/ids', { method: 'POST', permission: 'users.export.ids', group: 'export', handle: answerExport }],
  ['/events/list', { method: 'GET', permission: 'events.list', group: 'lists', handle: answerEventsList }],
  ['/custom_attributes', { method: 'GET', permission: 'custom_attributes.get', group: 'lists', handle: answerCustomAttributes }],
])
