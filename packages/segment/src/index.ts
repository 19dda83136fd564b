export { changes } from './changes/index.ts'
export type { ChangesOptions } from './changes/index.ts'
export {
  compareChanges,
  createRowDecoder,
  decodeAhead,
  decodeRecord,
  decodeRecords,
  isCopy,
  REJECT_CODES,
  SKIP_CODES,
  unwrap,
} from './decode/index.ts'
export type { DecodeAheadOptions, DecodeOptions, RejectCode, SkipCode } from './decode/index.ts'
export { createFileSource } from './files/index.ts'
export type { FileSourceOptions } from './files/index.ts'
export {
  createPacer,
  createProfileApi,
  createProfileApiSource,
  PROFILE_API_URLS,
  readUserFile,
} from './profile-api/index.ts'
export type {
  EventsQuery,
  Pacer,
  ProfileApi,
  ProfileApiOptions,
  ProfileApiSourceOptions,
  ProfileEvent,
  ProfileExternalId,
  ProfileKey,
  ProfileMetadata,
  ProfileTrait,
  TraitsQuery,
  UserFile,
} from './profile-api/index.ts'
export type { ProfileKeys } from './profiles/index.ts'
export { createProfilesSyncSource } from './profiles-sync/index.ts'
export type { ProfilesSyncOptions } from './profiles-sync/index.ts'
export {
  compareSizes,
  compareWithSpace,
  createPublicApi,
  describeComputation,
  PUBLIC_API_URLS,
  starterYaml,
} from './public-api/index.ts'
export type {
  Audience,
  CompareOptions,
  Computation,
  ComputedTrait,
  DestinationFilter,
  NamedKey,
  PublicApi,
  PublicApiOptions,
  SizeComparison,
  Space,
  SpaceContents,
  SpaceFinding,
  StarterInput,
  Subscription,
} from './public-api/index.ts'
export {
  SourceAnswerError,
  SourceAuthError,
  SourceRequestError,
  SourceTooLargeError,
  SourceUnavailableError,
  systemClock,
} from './remote/index.ts'
export type { Clock, RemotePlace } from './remote/index.ts'
export { createS3Source } from './s3/index.ts'
export type { S3Access, S3SourceOptions } from './s3/index.ts'
export { SourceError } from './source/index.ts'
export {
  appendChunks,
  createSpool,
  eraseFromSpools,
  feedSpool,
  moveSpool,
  spoolSource,
} from './spool/index.ts'
export type { FormerSpool, SpoolOptions, SpoolSourceOptions } from './spool/index.ts'
export { createKafkaLog, createKafkaSource } from './streams/kafka/index.ts'
export type { KafkaAccess, KafkaLogOptions } from './streams/kafka/index.ts'
export { createNatsLog, createNatsSource } from './streams/nats/index.ts'
export type { NatsAccess, NatsLogOptions } from './streams/nats/index.ts'
export { createPostgresLog } from './streams/postgres/index.ts'
export type { PostgresLogOptions } from './streams/postgres/index.ts'
export { readWebhook, verifyWebhook } from './webhook/index.ts'
export type {
  WebhookCode,
  WebhookEvents,
  WebhookHeaders,
  WebhookRequest,
  WebhookRules,
  WebhookVerdict,
} from './webhook/index.ts'
/**
 * Types of `@engage-sync/core` in the signatures above, so that nobody needs to install it for
 * them.
 */
export type {
  Change,
  ComputationKind,
  DecodedRecord,
  DecodedRow,
  DecodePlan,
  EventLog,
  Identifiers,
  IdentityRule,
  Json,
  LogLag,
  RawChunk,
  RejectedRecord,
  Rejection,
  RowDecoder,
  Source,
  SourceCondition,
  SourcePosition,
  StreamSource,
  Trust,
  WantedKey,
} from '@engage-sync/contract'
