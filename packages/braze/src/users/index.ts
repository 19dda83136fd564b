/** Calls about users themselves: identify, merge, delete, export. */
export { exportList } from './export-list.ts'
export { exportUsers } from './export-users.ts'
export { deleteUsers, identify, merge } from './users.ts'
