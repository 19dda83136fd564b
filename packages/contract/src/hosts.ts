/** What is wrong with a host that should be Braze's REST API; `rest` is the host that was meant. */
export type HostMistake =
  { readonly kind: 'look-alike' } | { readonly kind: 'sdk' | 'dashboard'; readonly rest: string }

const BRAZE_HOST = /(?:^|\.)braze\.(?:com|eu)$/
/** A host that shows Braze's name and is another's, or letters that look like others. */
const LOOKS_ALIKE = /braze\.(?:com|eu)(?:\.|-)|(?:^|\.)xn--/

/**
 * What is wrong with a host where Braze's REST API is meant, or null: a proxy's host of one's own
 * is fine.
 *
 * @param hostname - as `URL.hostname` gives it, so in lower case and punycode
 */
export function hostMistake(hostname: string): HostMistake | null {
  if (!BRAZE_HOST.test(hostname)) return LOOKS_ALIKE.test(hostname) ? { kind: 'look-alike' } : null
  const kind = /^(sdk|dashboard)(?=[.-])/.exec(hostname)?.[1]
  return kind === 'sdk' || kind === 'dashboard' ? { kind, rest: restHost(hostname) } : null
}

/** `dashboard-03.braze.com` and `sdk.iad-03.braze.com` are `rest.iad-03.braze.com`. */
function restHost(host: string): string {
  const numbered = /^dashboard-(\d+)\.braze\.(com|eu)/.exec(host)
  if (numbered === null) return host.replace(/^(?:sdk|dashboard)\./, 'rest.')
  return `rest.${numbered[2] === 'eu' ? 'fra' : 'iad'}-${numbered[1]}.braze.${numbered[2]}`
}
