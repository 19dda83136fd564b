import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['engage-sync-source', 'node', 'default'] },
  ssr: { resolve: { conditions: ['engage-sync-source', 'node', 'default'] } },
  test: { name: 'braze', include: ['test/**/*.test.ts'], testTimeout: 30_000, isolate: false },
})
