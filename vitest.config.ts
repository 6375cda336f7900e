import { defineConfig } from 'vitest/config';

// Tests run from source: no build is needed, and a stack trace shows the file that was written.
const conditions = ['@sifaka/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['{packages,apps,tools}/*/test/**/*.test.ts'],
    setupFiles: ['@sifaka/test-kit/setup'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
  },
});
