/** What a request says of where it comes from. */
export interface Visitor {
  readonly method: string
  readonly path: string
  readonly host: string | undefined
  readonly origin: string | undefined
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`: browsers send them, nobody else does. */
  readonly site: string | undefined
  readonly mode: string | undefined
}

const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/
/** Addresses that stand for every address of the machine, and are no name of it. */
const EVERY_ADDRESS = new Set(['0.0.0.0', '[::]'])

/**
 * Names the server answers to beside those of the loopback, in lower case.
 *
 * @param host - the address it listens on
 * @param given - names that were allowed
 */
export function hostNamesOf(host: string, given: readonly string[]): ReadonlySet<string> {
  const listened = host.includes(':') ? `[${host}]` : host
  const names = [...given, ...(EVERY_ADDRESS.has(listened) ? [] : [listened])]
  return new Set(names.map((name) => name.toLowerCase()))
}

/**
 * Why a request is not answered at all; null when it is.
 *
 * A page of another site can send requests here, and read answers once it has made its own name
 * point to this machine. So the name must be one of ours, and a browser must not say that another
 * site asks. A link to the page is all another site may have.
 *
 * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function foreignProblem(visitor: Visitor, names: ReadonlySet<string>): string | null {
  const host = visitor.host?.toLowerCase() ?? ''
  const name = HOST.exec(host)?.[1]
  if (name === undefined || !(LOOPBACK.test(name) || names.has(name)))
    return 'This name of the server is not known; allow it with the option hostNames'
  if (visitor.method === 'GET' && visitor.path === '/' && visitor.mode === 'navigate') return null
  const isOwn = visitor.origin === undefined || visitor.origin.toLowerCase() === `http://${host}`
  const site = visitor.site?.toLowerCase()
  return isOwn && (site === undefined || site === 'same-origin' || site === 'none')
    ? null
    : 'Another site may not do this'
}
