import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['engage-sync-source', 'node', 'default'] },
  ssr: { resolve: { conditions: ['engage-sync-source', 'node', 'default'] } },
  test: { name: 'braze-simulator', include: ['test/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
})
