import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // graphql ships two copies of itself; the alias keeps tests and packages on one.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    env: { TZ: "UTC" },
    expect: { requireAssertions: true },
    // Workers inherit it: Node 20 cannot load a worker written in TypeScript by itself.
    execArgv: ["--import", "./test/recurrence/typescript-in-workers.mjs"],
    // Tests wait for servers more than they compute: two at a time are good for two cores as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // On a loaded machine a test may lose a race that is none of the product's. It gets one more try there, and the run ends with its name.
    retry: process.env["CI"] ? 1 : 0,
    coverage: { provider: "v8", include: ["src/**/*.ts"], reporter: ["text-summary"] },
  },
});
