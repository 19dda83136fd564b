/**
 * What every page of the runner is made of: markup that escapes what comes into it, the shared style, tiles, tables,
 * charts. A page is one file without a script, or served with one.
 */
export * from './charts.ts'
export * from './elements.ts'
export { markup, Markup, NOTHING } from './markup.ts'
export type { Part } from './markup.ts'
export { pageText } from './page.ts'
