import { describe, expect, it } from "vitest";
import { checkFirst, cursorsOf, pageOf } from "../../src/services/page.ts";

const badCursor = { code: "INVALID_INPUT", field: ["after"], remedy: expect.stringContaining("without `after`") };

/** What calling it throws. */
function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("the length of a page", () => {
  it.each([1, 50, 200])("may be %i", (first) => {
    expect(() => checkFirst(first)).not.toThrow();
  });

  it.each([0, -1, 201, 2 ** 31 - 1])("may not be %i", (first) => {
    expect(thrownBy(() => checkFirst(first))).toMatchObject({ code: "INVALID_INPUT", field: ["first"] });
  });
});

describe("a cursor", () => {
  const cursors = cursorsOf("things", { of: "ada", states: ["LIVE"] });

  it("brings back the keys it was made of", () => {
    const keys = ["2026-11-01T09:00:00.000Z", `id_"'\\ 长`];
    expect(cursors.read(cursors.write(keys))).toEqual(keys);
  });

  it("is the beginning when there is none", () => {
    expect(cursors.read(null)).toBeNull();
  });

  it("can be part of a URL as it is", () => {
    expect(cursors.write(["??>>~~"])).toMatch(/^[A-Za-z0-9_-]+$/);
  });

  it.each([
    { name: "list", other: cursorsOf("others", { of: "ada", states: ["LIVE"] }) },
    { name: "filter", other: cursorsOf("things", { of: "bob", states: ["LIVE"] }) },
  ])("is refused by another $name", ({ other }) => {
    const cursor = cursors.write(["1"]);
    expect(thrownBy(() => other.read(cursor))).toMatchObject(badCursor);
  });

  it.each([
    { name: "nothing", text: "" },
    { name: "a word", text: "nonsense" },
    { name: "JSON of another shape", text: Buffer.from('{"a":1}').toString("base64url") },
    { name: "keys that are not text", text: Buffer.from('["x",[1]]').toString("base64url") },
    { name: "half a cursor", text: cursorsOf("things", null).write(["1", "2"]).slice(0, 9) },
    { name: "bytes", text: "\0\uffff\ud800" },
    { name: "a long text", text: "A".repeat(100_000) },
  ])("cannot be $name", ({ text }) => {
    expect(thrownBy(() => cursors.read(text))).toMatchObject(badCursor);
  });
});

describe("a page", () => {
  const cursorFor = (row: number) => `after ${row}`;

  it.each([
    { name: "no rows", rows: [], nodes: [], hasNextPage: false },
    { name: "fewer rows than asked for", rows: [1], nodes: [1], hasNextPage: false },
    { name: "as many rows as asked for", rows: [1, 2], nodes: [1, 2], hasNextPage: false },
    { name: "one more row than asked for", rows: [1, 2, 3], nodes: [1, 2], hasNextPage: true },
  ])("of $name", ({ rows, nodes, hasNextPage }) => {
    const page = pageOf<number>(rows, 2, cursorFor);
    expect(page).toEqual({ edges: nodes.map((node) => ({ cursor: cursorFor(node), node })), hasNextPage });
  });
});
