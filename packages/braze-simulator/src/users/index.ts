/** What requests write that change who a user is, or what it is subscribed to. */
export { applyAliasNew, applyAliasUpdate } from './alias.ts'
export { DELETE_ARRAYS, applyDelete } from './delete.ts'
export { applyRemove, applyRename, judgeRemovals, judgeRenames } from './external-ids.ts'
export { IDENTIFY_ARRAYS, applyIdentify } from './identify.ts'
export { applyMerge } from './merge.ts'
export { applySubscriptions, groupsOf, statusOf, usersOf } from './subscriptions.ts'
