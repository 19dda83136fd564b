/** Files of tests that kill processes, and of laws over whole runs: `npm run test:quick` leaves them out. */
export const LONG_FILES = ['**/test/crash/**', '**/*laws.test.ts', '**/killed*.test.ts']
