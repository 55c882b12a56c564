import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);
const parts = ["package.json", "tsconfig.json", "biome.json", "scripts", "src", "sandbox", "migrations", "docs"];
let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "new-board-"));
  for (const part of parts) cpSync(part, join(copy, part), { recursive: true });
  for (const part of ["contract", "support"]) cpSync(join("test", part), join(copy, "test", part), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(copy, "node_modules"));
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

const node = (...args: string[]) => run(process.execPath, args, { cwd: copy });
const problemsOf = async (program: string, ...args: string[]): Promise<string> => {
  const { stdout, stderr } = await run(join("node_modules/.bin", program), args, { cwd: copy }).catch((error) => error);
  return stdout + stderr;
};

describe("npm run new-board", () => {
  it("writes a board that compiles once its twin is in the sandbox", async () => {
    const { stdout } = await node("scripts/new-board.js", "ACME_JOBS", "Acme Jobs");
    expect(stdout).toContain("src/providers/job-board/acme-jobs.ts");
    expect(readFileSync(join(copy, "src/providers/job-board/index.ts"), "utf8")).toContain(
      'export { acmeJobs } from "./acme-jobs.ts";',
    );
    const problems = (await problemsOf("tsc", "--noEmit", "-p", "."))
      .split("\n")
      .filter((line) => line.includes("error"));
    // The sandbox does not know the twin yet, and that is all.
    expect(problems.filter((line) => !line.startsWith("test/support/acme-jobs-vendor.ts"))).toEqual([]);
    expect(problems).not.toEqual([]);
  });

  it("writes it as everything here is written", async () => {
    const files = ["src/providers/job-board", "sandbox/acme-jobs-twin.ts", "test/support/acme-jobs-vendor.ts"];
    const said = await problemsOf("biome", "ci", "--vcs-enabled=false", "--colors=off", ...files);
    expect(said).toMatch(/Checked \d+ files.*No fixes applied/);
    expect(said).not.toMatch(/acme-jobs/);
  });

  it("overwrites nothing, and says what it wants to be given", async () => {
    await expect(node("scripts/new-board.js", "ACME_JOBS", "Acme Jobs")).rejects.toMatchObject({
      stderr: expect.stringContaining("There is such a board already"),
    });
    await expect(node("scripts/new-board.js", "acme")).rejects.toMatchObject({
      stderr: expect.stringContaining('npm run new-board -- ACME_JOBS "Acme Jobs"'),
    });
  });
});
