import type {
  TransportAnswer,
  TransportFailure,
  TransportOptions,
  TransportRequest,
} from './transport.ts'

/** What the worker is started with. */
export type WorkerOptions = TransportOptions

/** From the main thread. A body's buffer is transferred. */
export type ToWorker =
  | ({ readonly type: 'send'; readonly id: number } & Omit<TransportRequest, 'signal'>)
  | { readonly type: 'abort'; readonly id: number }

/** From the worker: how a request ended. A body's buffer is transferred. */
export type FromWorker = { readonly id: number } & (
  | { readonly answer: TransportAnswer }
  | { readonly failure: { readonly kind: TransportFailure; readonly code: string } }
)
