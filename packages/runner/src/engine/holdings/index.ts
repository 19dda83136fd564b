/**
 * Asking the destination what it holds of users with something pending, so that only that counts as
 * delivered.
 */
export { AskedHoldings } from './asked-holdings.ts'
