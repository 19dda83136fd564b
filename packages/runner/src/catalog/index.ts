/**
 * The catalogue: what goes where, from the configuration, its history in git and that of its runs.
 */
export { makeCatalog } from './catalog.ts'
export { renderCatalogMarkdown } from './catalog-markdown.ts'
export { renderCatalogPage } from './catalog-page.ts'
export { costsOf } from './costs.ts'
export type { Costs } from './costs.ts'
export { lastChanges } from './last-change.ts'
