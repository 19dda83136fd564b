import { errorCode, SourceError } from '../source/index.ts'
import {
  safeCause,
  safeCode,
  SourceAuthError,
  SourceRequestError,
  SourceUnavailableError,
} from '../remote/index.ts'

const SERVICE = 'S3'
const NO_CREDENTIALS = 'CredentialsProviderError'
const CREDENTIALS = new Set([
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'AccessDenied',
])
const PROVIDE =
  'Give the machine AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, a role), or set s3.access_key_id and s3.secret_access_key.'
const GRANTS = 'The credentials need s3:ListBucket on the bucket and s3:GetObject on its objects.'

/** HTTP status and error name of the AWS client, without its text, which may quote keys. */
export function s3Status(error: unknown): { readonly status: number; readonly name: string } {
  const metadata =
    error instanceof Error && '$metadata' in error
      ? (error.$metadata as { httpStatusCode?: number } | undefined)
      : undefined
  return {
    status: metadata?.httpStatusCode ?? 0,
    name: error instanceof Error ? safeCode(error.name) : '',
  }
}

/**
 * What a failure of the AWS client means, after its own retries.
 *
 * @param what - what was being done, with the bucket
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export function s3Error(error: unknown, what: string): SourceError {
  if (error instanceof SourceError) return error
  const { status, name } = s3Status(error)
  const place = { service: SERVICE, what }
  const cause = safeCause(error)
  const reason = status === 0 ? name : `HTTP ${status} ${name}`
  if (name === NO_CREDENTIALS) return new SourceAuthError(place, 'none were found', PROVIDE)
  if (CREDENTIALS.has(name) || status === 401 || status === 403)
    return new SourceAuthError(place, reason, GRANTS)
  if (name === 'NoSuchBucket')
    return new SourceRequestError(place, 'the bucket does not exist', {
      hint: 'Check the s3:// address.',
      status,
      cause,
    })
  if (status === 301 || status === 307) {
    return new SourceRequestError(place, 'the bucket is in another region', {
      hint: 'Set s3.region to the region of the bucket.',
      status,
      cause,
    })
  }
  if (status >= 500 || status === 429 || name === 'TimeoutError')
    return new SourceUnavailableError(place, reason, { status, cause })
  if (status === 0 && errorCode(error) !== '')
    return new SourceUnavailableError(
      place,
      `the connection failed (${safeCode(errorCode(error))})`,
      { cause },
    )
  // The client throws plain errors when it lacks a setting, most often the region.
  return new SourceRequestError(
    place,
    status === 0 ? 'the AWS client is not fully set up' : reason,
    {
      hint: 'Check the s3:// address, s3.region (or AWS_REGION) and s3.endpoint.',
      status,
      cause,
    },
  )
}
