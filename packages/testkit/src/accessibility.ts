import axe from 'axe-core'

/** What of a browser's page is needed: those of Playwright are such. */
interface Evaluating {
  evaluate(script: string): Promise<unknown>
}

/**
 * What axe-core finds wrong with a page, a line each; empty where it finds nothing.
 *
 * Its own script is put into the page by the browser, which no policy of the page forbids.
 *
 * @see https://github.com/dequelabs/axe-core/blob/develop/doc/API.md
 */
export async function accessibilityFaults(page: Evaluating): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found = (await page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html, any }) =>
      [id, html.slice(0, 200), ...any.map(({ message }) => message)].join(' · '))))`)) as string[]
  return found
}
