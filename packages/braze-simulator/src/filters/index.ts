/** Segment filters as the dashboard has them, over the profiles of a workspace. Only reads. */
export { FilterError } from './context.ts'
export { selectUsers, usersIn } from './select.ts'
