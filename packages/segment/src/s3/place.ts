import { SourceError } from '../source/index.ts'

/** Which objects of a bucket are meant. */
export interface S3Place {
  readonly bucket: string
  /** What all keys begin with; listing asks for no others. */
  readonly prefix: string
  matches(key: string): boolean
}

/** What Segment writes to test its access to a bucket. */
const VALIDATION_OBJECT = /(?:^|\/)dummy-object\.txt$/u
const WILDCARD = /[*?]/u

/**
 * Understand an `s3://` address.
 *
 * Shape: one object, everything below a folder, or a glob: `*` within a folder, `**` across
 * folders, `?` one character.
 *
 * @throws {SourceError} `SOURCE_URL`
 */
export function parseS3Url(url: string): S3Place {
  const match = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/su.exec(url)
  if (match === null) {
    throw new SourceError('SOURCE_URL', `Expected s3://BUCKET/PATH, got ${url}`, {
      hint: 'For example s3://acme-segment/segment-logs/ENGAGE_SOURCE_ID/**',
    })
  }
  const [, bucket = '', path = ''] = match
  const wildcard = path.search(WILDCARD)
  const pattern = wildcard === -1 ? null : globToRegExp(path)
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`
  const isMeant = (key: string): boolean =>
    pattern === null ? key === path || key.startsWith(folder) : pattern.test(key)
  return {
    bucket,
    prefix: wildcard === -1 ? path : path.slice(0, wildcard),
    matches: (key) => !key.endsWith('/') && !VALIDATION_OBJECT.test(key) && isMeant(key),
  }
}

const TOKENS = /\*\*\/|\*\*|\*|\?|[^*?]+/gu
const MEANINGS: Readonly<Record<string, string>> = {
  '**/': '(?:.*/)?',
  '**': '.*',
  '*': '[^/]*',
  '?': '[^/]',
}

function globToRegExp(glob: string): RegExp {
  const parts = (glob.match(TOKENS) ?? []).map(
    (token) => MEANINGS[token] ?? token.replaceAll(/[\\^$.|+()[\]{}]/gu, '\\$&'),
  )
  return new RegExp(`^${parts.join('')}$`, 'su')
}
