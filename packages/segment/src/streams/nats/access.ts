/** How to reach a stream of NATS JetStream. */
export interface NatsAccess {
  /** `nats://HOST:4222` or `tls://HOST:4222`; one of a cluster is enough. */
  readonly servers: readonly string[]
  readonly stream: string
  /** Which subjects of the stream are read, with wildcards. Default: all. */
  readonly subject?: string
  /** The text of a `.creds` file. */
  readonly credentials?: string
  readonly token?: string
  readonly user?: string
  readonly password?: string
  /** PEM texts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string }
}

/** Options of `createNatsLog`. */
export interface NatsLogOptions extends NatsAccess {
  /** What is appended goes there, and nothing else; the stream has to take it. */
  readonly subject: string
  /** How long an append is tried, milliseconds. Default 2,500: Segment gives up after five seconds. */
  readonly appendMs?: number
}
