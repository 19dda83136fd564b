export { createBrazeDestination } from './destination.ts'
