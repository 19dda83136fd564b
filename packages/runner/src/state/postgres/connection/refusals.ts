import { StateError, unavailable } from '../../format/errors.ts'

/**
 * What is wrong where the server was reached, or could be, and trying again helps nobody.
 */
export interface Refusal {
  /** The SQLSTATE, or the code of Node or OpenSSL. */
  readonly code: RegExp
  readonly asError: (place: string, code: string) => StateError
}

/** The driver's own words where the server has no TLS; it gives no code. */
const NO_TLS = 'The server does not support SSL connections'

/** Its place among codes. */
const NO_TLS_CODE = 'NO_TLS'

const CHECK_USER = 'Check user and password in state.url.'

/**
 * In the order they are asked for.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 * @see https://nodejs.org/api/tls.html#x509-certificate-error-codes
 */
const REFUSALS: readonly Refusal[] = [
  refusal(
    /^3D000$/,
    (at) => `${at} has no such database`,
    'Make it with CREATE DATABASE, or correct state.url.',
  ),
  refusal(
    /^53300$/,
    (at) => `${at} has no free connection`,
    'Try again when it is less busy, or raise its limit.',
  ),
  refusal(/^55P03$/, (at) => `${at} waited too long for a lock`, 'Try again when it is less busy.'),
  refusal(
    /^(ENOENT|EACCES|EISDIR)$/,
    () => 'a certificate file that state.url names cannot be read',
    'Check the paths of sslrootcert, sslcert and sslkey.',
  ),
  refusal(
    /^ERR_OSSL_(PEM|ASN1)_/,
    () => 'a certificate file that state.url names holds no certificate or key',
    'sslrootcert, sslcert and sslkey name PEM files.',
  ),
  refusal(
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    (at) => `${at} shows a certificate that is another host's`,
    'Name the host in state.url as its certificate does. The host is checked with every sslmode that checks the certificate.',
  ),
  refusal(
    /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/,
    (at) => `${at} shows a certificate that is not valid now`,
    'Renew it at the server, or put the clock of this machine right.',
  ),
  refusal(
    /CERT|SELF_SIGNED|ISSUER|VERIFY/,
    (at) => `${at} shows a certificate that is not trusted`,
    'Name the authority that signed it: sslrootcert=PATH in state.url.',
  ),
  refusal(
    /^NO_TLS$/,
    (at) => `${at} does not speak TLS`,
    'Switch it on at the server, or leave sslmode out of state.url.',
  ),
  credentials(/^28P01$/, 'refused user or password', CHECK_USER),
  credentials(
    /^28000$/,
    'does not let this user in from here',
    `${CHECK_USER} The server may also ask for TLS: sslmode=verify-full.`,
  ),
  credentials(/^28/, 'refused user or password', CHECK_USER),
]

function refusal(code: RegExp, what: (at: string) => string, hint: string): Refusal {
  return {
    code,
    asError: (place, found) =>
      unavailable(`${capital(what(`PostgreSQL at ${place}`))}${shown(found)}`, hint),
  }
}

function credentials(code: RegExp, what: string, hint: string): Refusal {
  return {
    code,
    asError: (place, found) =>
      new StateError('STATE_AUTH', `PostgreSQL at ${place} ${what}${shown(found)}`, { hint }),
  }
}

function shown(code: string): string {
  if (code === '') return ''
  return /^\d/.test(code) ? ` (SQLSTATE ${code})` : ` (${code})`
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

/** What an error refuses, or undefined. @param code - of the error; empty when it has none */
export function refusalOf(error: unknown, code: string): Refusal | undefined {
  const isPlain = error instanceof Error && error.message === NO_TLS
  const known = isPlain ? NO_TLS_CODE : code
  return known === '' ? undefined : REFUSALS.find((each) => each.code.test(known))
}
