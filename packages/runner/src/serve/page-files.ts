import { readFileSync } from 'node:fs'

/** Files of the debugger page, by their path; they lie beside the sources, in the published package, too. */
export const PAGE_FILES: ReadonlyMap<string, () => Buffer> = new Map(
  ['page.js', 'page-elements.js', 'page-fleet.js', 'page-members.js', 'page-records.js'].map(
    (name) => [
      `/debug/${name}`,
      () => readFileSync(new URL(`../../src/serve/desk/${name}`, import.meta.url)),
    ],
  ),
)
