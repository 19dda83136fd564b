export * from './postgres.ts'
export * from './fake-profile-api.ts'
export * from './events/index.ts'
