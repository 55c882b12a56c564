import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const page = readFileSync(join(root, "docs/token-refresh.md"), "utf8");
/** A block of code below a comment that names the file it is from. */
const examples = [...page.matchAll(/<!-- (\S+) -->\n```ts\n([\s\S]*?)```/g)].map(([, file = "", code = ""]) => ({
  file,
  code,
}));

describe("docs/token-refresh.md", () => {
  it("shows how Google and Microsoft are renewed", () => {
    const files = examples.map(({ file }) => file);
    expect(files).toEqual(
      expect.arrayContaining([expect.stringContaining("google-calendar"), expect.stringContaining("outlook-calendar")]),
    );
  });

  it.each(examples)("shows $file as it is", ({ file, code }) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(code);
  });
});
