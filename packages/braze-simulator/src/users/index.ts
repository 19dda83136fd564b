/** What alias, identify, merge and delete requests write. */
export { applyAliasNew, applyAliasUpdate } from './alias.ts'
export { DELETE_ARRAYS, applyDelete } from './delete.ts'
export { IDENTIFY_ARRAYS, applyIdentify } from './identify.ts'
export { applyMerge } from './merge.ts'
