import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Long ones are run by `npm run test:long`.
    include: [process.env['WARIFU_TESTS'] === 'long' ? 'test/**/*.long.ts' : 'test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
