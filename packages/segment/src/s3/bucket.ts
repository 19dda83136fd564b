import { addAbortSignal } from 'node:stream'
import type { Readable } from 'node:stream'
import type * as ClientS3 from '@aws-sdk/client-s3'
import { loadPeer } from '../remote/index.ts'
import { s3Error, s3Status } from './errors.ts'
import type { S3Place } from './place.ts'
import { S3_CONNECT_TIMEOUT_MS, S3_DOWNLOAD_ATTEMPTS, S3_IDLE_TIMEOUT_MS } from './limits.ts'

/** How to reach a bucket. */
export interface S3Access {
  /** Default: what the AWS configuration of the machine says. */
  readonly region?: string
  /** URL of an S3-compatible server. */
  readonly endpoint?: string
  /** Default: the AWS credential chain of the machine. */
  readonly credentials?: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
  /** Tries of one request. Default: 5. */
  readonly attempts?: number
  /** Objects listed by one request. Default: 1,000, the most S3 gives. */
  readonly pageSize?: number
}

/** One version of an object. */
export interface S3Object {
  readonly key: string
  readonly etag: string
  readonly size: number
  /** Milliseconds since the epoch, of the server's clock. */
  readonly modifiedAt: number
}

/** What lies directly below a prefix. */
export interface S3Level {
  readonly objects: readonly S3Object[]
  readonly folders: readonly string[]
}

/** A bucket, read-only. */
export interface Bucket {
  list(place: S3Place, signal: AbortSignal): Promise<readonly S3Object[]>
  /**
   * The first 1,000 objects and folders below a prefix, not those within the folders; folders end
   * with `/`.
   */
  level(prefix: string, place: S3Place, signal: AbortSignal): Promise<S3Level>
  /** The first object that holds anything; else the first; null when there is none. */
  find(place: S3Place, signal: AbortSignal): Promise<S3Object | null>
  /** Bytes of exactly this version from an offset on; a broken download goes on where it broke. */
  download(object: S3Object, from: number, signal: AbortSignal): AsyncIterable<Buffer>
  close(): void
}

/** An object is not what was listed: another version, or gone. */
export class ObjectChangedError extends Error {
  override name = 'ObjectChangedError'
  readonly isGone: boolean
  constructor(isGone: boolean) {
    super(isGone ? 'The object is gone' : 'The object has another version')
    this.isGone = isGone
  }
}

type Sdk = typeof ClientS3
type Client = InstanceType<Sdk['S3Client']>
interface Connection {
  readonly sdk: Sdk
  readonly client: Client
  readonly bucket: string
  readonly pageSize: number | undefined
}

const DEFAULT_ATTEMPTS = 5
const SDK = '@aws-sdk/client-s3'

/** Open a bucket; the AWS client is loaded only now. */
export async function openBucket(bucket: string, access: S3Access): Promise<Bucket> {
  const sdk = await loadSdk()
  const client = new sdk.S3Client({
    region: access.region ?? (access.endpoint === undefined ? undefined : 'us-east-1'),
    endpoint: access.endpoint,
    forcePathStyle: access.endpoint !== undefined,
    credentials: access.credentials,
    maxAttempts: access.attempts ?? DEFAULT_ATTEMPTS,
    responseChecksumValidation: 'WHEN_REQUIRED',
    // An idle download breaks and is taken up again: waiting for Braze may take longer than this.
    requestHandler: { connectionTimeout: S3_CONNECT_TIMEOUT_MS, socketTimeout: S3_IDLE_TIMEOUT_MS },
  })
  const connection = { sdk, client, bucket, pageSize: access.pageSize }
  return {
    list: (place, signal) => listObjects(connection, place, signal),
    level: (prefix, place, signal) => listLevel(connection, { prefix, place }, signal),
    find: (place, signal) => findObject(connection, place, signal),
    download: (object, from, signal) => downloadObject(connection, { object, from }, signal),
    close: () => client.destroy(),
  }
}

/** The AWS client is an optional peer: half of what an installation would weigh, for one kind of source. */
function loadSdk(): Promise<Sdk> {
  return loadPeer(() => import('@aws-sdk/client-s3'), {
    name: SDK,
    version: '3',
    use: 'Reading s3://',
  })
}

async function listObjects(
  connection: Connection,
  place: S3Place,
  signal: AbortSignal,
): Promise<readonly S3Object[]> {
  const found: S3Object[] = []
  for await (const page of listPages(connection, place, signal))
    for (const object of page) found.push(object)
  return found
}

async function findObject(
  connection: Connection,
  place: S3Place,
  signal: AbortSignal,
): Promise<S3Object | null> {
  let first: S3Object | null = null
  for await (const page of listPages(connection, place, signal)) {
    const held = page.find(({ size }) => size > 0)
    if (held !== undefined) return held
    first ??= page[0] ?? null
  }
  return first
}

/** The objects meant, request by request. */
async function* listPages(
  { sdk, client, bucket, pageSize }: Connection,
  place: S3Place,
  signal: AbortSignal,
): AsyncGenerator<readonly S3Object[]> {
  let token: string | undefined
  do {
    const command = new sdk.ListObjectsV2Command({
      Bucket: bucket,
      Prefix: place.prefix,
      ContinuationToken: token,
      MaxKeys: pageSize,
    })
    const page = await send(
      () => client.send(command, { abortSignal: signal }),
      `listing s3://${bucket}`,
      signal,
    )
    yield meant(page.Contents, place)
    token = page.IsTruncated === true ? page.NextContinuationToken : undefined
  } while (token !== undefined)
}

async function listLevel(
  { sdk, client, bucket }: Connection,
  { prefix, place }: { readonly prefix: string; readonly place: S3Place },
  signal: AbortSignal,
): Promise<S3Level> {
  const command = new sdk.ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, Delimiter: '/' })
  const page = await send(
    () => client.send(command, { abortSignal: signal }),
    `listing s3://${bucket}`,
    signal,
  )
  const folders = (page.CommonPrefixes ?? []).flatMap(({ Prefix }) =>
    Prefix === undefined ? [] : [Prefix],
  )
  return { objects: meant(page.Contents, place), folders }
}

/** The listed objects that a place means. */
function meant(
  listed: ClientS3.ListObjectsV2Output['Contents'],
  place: S3Place,
): readonly S3Object[] {
  return (listed ?? []).flatMap(({ Key, ETag, Size, LastModified }) => {
    if (Key === undefined || ETag === undefined || !place.matches(Key)) return []
    return [{ key: Key, etag: ETag, size: Size ?? 0, modifiedAt: LastModified?.getTime() ?? 0 }]
  })
}

async function* downloadObject(
  connection: Connection,
  { object, from }: { readonly object: S3Object; readonly from: number },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let at = from
  for (let attempt = 1; at < object.size; attempt++) {
    const range = at === 0 ? undefined : `bytes=${at}-`
    const body = await getObject(connection, { object, range }, signal)
    let failure: unknown = new Error('The download ended early')
    try {
      for await (const chunk of body) {
        at += (chunk as Buffer).length
        yield chunk as Buffer
        attempt = 1
      }
    } catch (error) {
      failure = error
    } finally {
      body.destroy()
    }
    signal.throwIfAborted()
    if (at < object.size && attempt >= S3_DOWNLOAD_ATTEMPTS)
      throw s3Error(failure, `reading s3://${connection.bucket}`)
  }
}

async function getObject(
  { sdk, client, bucket }: Connection,
  { object, range }: { readonly object: S3Object; readonly range: string | undefined },
  signal: AbortSignal,
): Promise<Readable> {
  const command = new sdk.GetObjectCommand({
    Bucket: bucket,
    Key: object.key,
    Range: range,
    IfMatch: object.etag,
  })
  const answer = await send(
    () => client.send(command, { abortSignal: signal }),
    `reading s3://${bucket}`,
    signal,
  )
  const body = answer.Body as Readable
  // Some S3-compatible servers ignore If-Match.
  if (answer.ETag === object.etag) return addAbortSignal(signal, body)
  body.destroy()
  throw new ObjectChangedError(false)
}

async function send<T>(work: () => Promise<T>, what: string, signal: AbortSignal): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    const { status, name } = s3Status(error)
    if (status === 412) throw new ObjectChangedError(false)
    if (name === 'NoSuchKey') throw new ObjectChangedError(true)
    throw s3Error(error, what)
  }
}
