import { BRAZE_INSTANCES } from './instances.ts'

/**
 * What is wrong with a host that should be Braze's REST API; `rest` is the host that was meant, or
 * null where the host does not say.
 */
export type HostMistake =
  | { readonly kind: 'look-alike' }
  | { readonly kind: 'sdk' | 'dashboard'; readonly rest: string | null }
  | { readonly kind: 'no-rest'; readonly rest: string }

const BRAZE_HOST = /(?:^|\.)braze\.(?:com|eu)$/
/** A host that shows Braze's name and is another's, or letters that look like others. */
const LOOKS_ALIKE = /braze\.(?:com|eu)(?:\.|-)|(?:^|\.)xn--/
const REST_HOSTS = new Map(
  Object.entries(BRAZE_INSTANCES).map(([name, url]) => [name, new URL(url).hostname]),
)

/**
 * What is wrong with a host where Braze's REST API is meant, or null: a proxy's host of one's own
 * is fine, and so is one of Braze's that is not known yet.
 *
 * @param hostname - as `URL.hostname` gives it, so in lower case and punycode
 */
export function hostMistake(hostname: string): HostMistake | null {
  if (!BRAZE_HOST.test(hostname)) return LOOKS_ALIKE.test(hostname) ? { kind: 'look-alike' } : null
  const kind = /^(sdk|dashboard)(?=[.-])/.exec(hostname)?.[1]
  if (kind === 'sdk' || kind === 'dashboard') return { kind, rest: restHost(hostname) }
  const rest = knownHost(hostname)
  return rest === null || rest === hostname ? null : { kind: 'no-rest', rest }
}

/** `dashboard-03.braze.com` and `sdk.iad-03.braze.com` are `rest.iad-03.braze.com`. */
function restHost(host: string): string | null {
  const numbered = /^dashboard-(\d+)\.braze\.(com|eu)/.exec(host)
  if (numbered !== null)
    return `rest.${numbered[2] === 'eu' ? 'fra' : 'iad'}-${numbered[1]}.braze.${numbered[2]}`
  return /\d/.test(host) ? host.replace(/^(?:sdk|dashboard)\./, 'rest.') : null
}

/**
 * The REST host of the instance a text names: `US-03`, `us3`, `iad-03` and `iad-3.braze.eu` all
 * name `rest.iad-03.braze.com`. Null when it names none that is known.
 */
export function knownHost(text: string): string | null {
  const named = /^(?:rest\.)?([a-z]+)[-_ ]?0*(\d+)(?:\.braze\.\w+)?$/i.exec(text)
  if (named === null) return null
  const name = `${named[1]}-${named[2]?.padStart(2, '0')}`.toLowerCase()
  for (const [instance, host] of REST_HOSTS)
    if (instance.toLowerCase() === name || host.startsWith(`rest.${name}.`)) return host
  return null
}
