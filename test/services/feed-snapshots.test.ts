import { chmod, mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Encoding, type FeedParts, FeedSnapshots } from "../../src/services/feed-snapshots.ts";

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "snapshots-"));
});
afterAll(() => rm(root, { recursive: true }));

const changedAt = new Date("2026-12-02T09:00:00.700Z");

async function* those(jobs: readonly (readonly string[])[]) {
  yield* jobs;
}

function parts(jobs: readonly (readonly string[])[], changes: Partial<FeedParts> = {}): FeedParts {
  return { head: (count) => `<source count="${count}">`, jobs: those(jobs), tail: "</source>", changedAt, ...changes };
}

const namesIn = async (place: string) => (await readdir(join(root, place))).toSorted();

describe("a feed that is kept as a file", () => {
  const snapshots = () => new FeedSnapshots(root);
  const read = async (place: string, encoding: Encoding = "identity") => {
    const last = await snapshots().last(place);
    const file = last && (await snapshots().open(place, last, encoding));
    return file ? { text: await text(file.createReadStream()), last } : null;
  };

  it("is whole, with how many jobs there are at its head, and found by every process", async () => {
    const written = await snapshots().write(
      "whole/indeed",
      parts([["<job>1</job>"], ["<job>2</job>", "<job>3</job>"]]),
    );
    expect(written).toMatchObject({ jobs: 3, lastModified: new Date("2026-12-02T09:00:00Z") });
    expect(await read("whole/indeed")).toEqual({
      text: '<source count="3"><job>1</job><job>2</job><job>3</job></source>',
      last: written,
    });
    const zipped = await readFile(join(root, "whole/indeed", `${written.etag}.xml.gz`));
    expect(gunzipSync(zipped).toString()).toContain("<job>3</job></source>");
  });

  it("may have no job at all", async () => {
    expect(await snapshots().write("empty/indeed", parts([]))).toMatchObject({ jobs: 0 });
    expect((await read("empty/indeed"))?.text).toBe('<source count="0"></source>');
  });

  it("has the same name for the same text, on every machine, and another one for another text", async () => {
    const [one, same, other] = await Promise.all([
      snapshots().write("one/indeed", parts([["<job>1</job>"]])),
      snapshots().write("two/indeed", parts([["<job>1</job>"]])),
      snapshots().write("three/indeed", parts([["<job>2</job>"]])),
    ]);
    expect([one.etag === same.etag, one.etag === other.etag]).toEqual([true, false]);
  });

  it("stays as it was when reading the jobs breaks off, and leaves nothing behind", async () => {
    const before = await snapshots().write("broken/indeed", parts([["<job>1</job>"]]));
    const breaking = async function* () {
      yield ["<job>2</job>"];
      throw new Error("The database is gone");
    };
    const attempt = snapshots().write("broken/indeed", parts([], { jobs: breaking() }));
    await expect(attempt).rejects.toThrow("The database is gone");
    expect((await read("broken/indeed"))?.last).toEqual(before);
    expect(await namesIn("broken/indeed")).toHaveLength(3);
  });

  it("is later than the one before it, to the second, unless it is the same", async () => {
    const seconds: number[] = [];
    for (const job of ["1", "1", "2", "3"]) {
      const { lastModified } = await snapshots().write("later/indeed", parts([[`<job>${job}</job>`]]));
      seconds.push(lastModified.getUTCSeconds());
    }
    expect(seconds).toEqual([0, 0, 1, 2]);
  });

  it("takes the place of the one before it, whose files go", async () => {
    await snapshots().write("place/indeed", parts([["<job>1</job>"]]));
    const { etag } = await snapshots().write("place/indeed", parts([["<job>2</job>"]]));
    expect(await namesIn("place/indeed")).toEqual([`${etag}.xml`, `${etag}.xml.gz`, "current.json"].toSorted());
  });

  it("goes on to be read by whoever has it open", async () => {
    const first = await snapshots().write("open/indeed", parts([["<job>1</job>"]]));
    const file = await snapshots().open("open/indeed", first, "identity");
    await snapshots().write("open/indeed", parts([["<job>2</job>"]]));
    expect(file && (await text(file.createReadStream()))).toContain("<job>1</job>");
    expect(await snapshots().open("open/indeed", first, "identity")).toBeNull();
  });

  it("leaves another process's attempt alone, and removes one that was given up", async () => {
    await mkdir(join(root, "attempts/indeed"), { recursive: true });
    const [fresh, old] = ["attempt-fresh.xml", "attempt-old.xml"].map((name) => join(root, "attempts/indeed", name));
    for (const path of [fresh, old]) await writeFile(String(path), "half");
    await utimes(String(old), 0, 0);
    await snapshots().write("attempts/indeed", parts([]));
    const names = await namesIn("attempts/indeed");
    expect([names.includes("attempt-fresh.xml"), names.includes("attempt-old.xml")]).toEqual([true, false]);
  });

  it.each(["{", "{}", '{"etag":"../../etc/passwd","lastModified":"2026-12-02","jobs":1}'])(
    "that cannot be told from %s is none, and is written anew",
    async (current) => {
      await snapshots().write("told/indeed", parts([["<job>1</job>"]]));
      await writeFile(join(root, "told/indeed/current.json"), current);
      expect(await snapshots().last("told/indeed")).toBeNull();
      await snapshots().write("told/indeed", parts([["<job>1</job>"]]));
      expect((await read("told/indeed"))?.text).toContain("<job>1</job>");
    },
  );

  it("is gone once it is to be forgotten", async () => {
    await snapshots().write("gone/indeed", parts([]));
    await snapshots().forget("gone");
    expect(await snapshots().last("gone/indeed")).toBeNull();
  });

  it("is not kept where others may write", async () => {
    const shared = await mkdtemp(join(tmpdir(), "shared-"));
    await chmod(shared, 0o777);
    await expect(new FeedSnapshots(shared).write("x/indeed", parts([]))).rejects.toThrow("may write into");
    await expect(new FeedSnapshots(shared).last("x/indeed")).rejects.toThrow("may write into");
    await rm(shared, { recursive: true });
  });
});
