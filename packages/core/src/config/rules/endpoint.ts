import { hostMistake } from '@engage-sync/contract'
import type { Finding } from '../document/document.ts'

const LOOPBACK_HOSTS = new Set(['localhost', '[::1]'])

/** Whether a URL stays on this machine. */
export function isLoopback(endpoint: string): boolean {
  const url = parseUrl(endpoint)
  return (
    url !== null && (LOOPBACK_HOSTS.has(url.hostname) || /^127\.\d+\.\d+\.\d+$/.test(url.hostname))
  )
}

/** Why a text is no Braze endpoint, or null when it is one. Never repeats credentials of a URL. */
export function endpointProblem(endpoint: string): Finding | null {
  if (endpoint === 'simulator') return null
  const url = parseUrl(endpoint)
  if (url === null) {
    return {
      message: '"endpoint" expects `simulator` or an https URL',
      hint: 'E.g. `https://rest.iad-03.braze.com`; or use `instance: US-03`.',
    }
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(endpoint))) {
    return {
      message: '"endpoint" must be https; plain http is for this machine only',
      hint: `Write \`https://${url.host}\`.`,
    }
  }
  const wrongHost = hostProblem(url)
  if (wrongHost !== null) return wrongHost
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    return {
      message: '"endpoint" is a host alone, without a path',
      hint: `Write \`${url.origin}\`.`,
    }
  }
  return null
}

function hostProblem({ hostname, username, password }: URL): Finding | null {
  if (username !== '' || password !== '') {
    return {
      message: '"endpoint" holds a user before its host',
      hint: 'Write the host alone; the key belongs into `api_key`.',
    }
  }
  const mistake = hostMistake(hostname)
  if (mistake === null) return null
  if (mistake.kind === 'look-alike') {
    return {
      message: `"endpoint" looks like Braze, but its host is "${hostname}"`,
      hint: 'Type it anew, e.g. `https://rest.iad-03.braze.com`; or use `instance: US-03`.',
    }
  }
  const what = mistake.kind === 'sdk' ? 'an SDK host' : 'a dashboard'
  return {
    message: `"endpoint" is ${what}; the REST host is needed`,
    hint: `Write \`https://${mistake.rest}\`.`,
  }
}

function parseUrl(text: string): URL | null {
  if (!/^[a-z]+:\/\//i.test(text)) return null
  return URL.parse(text)
}
