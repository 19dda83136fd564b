import { defineConfig } from 'vitest/config'

export default defineConfig({
  resolve: { conditions: ['engage-sync-source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['engage-sync-source', 'node', 'import', 'default'] } },
  test: { name: 'braze', include: ['test/**/*.test.ts'], testTimeout: 30_000 },
})
