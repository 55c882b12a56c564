import { describe, expect, it } from "vitest";
import { acceptsGzip } from "../../src/http/accept-encoding.ts";

describe("whether a reader takes gzip", () => {
  it.each([
    [undefined, false],
    ["", false],
    ["identity", false],
    ["br", false],
    ["gzip", true],
    ["GZIP", true],
    ["x-gzip", true],
    ["br, gzip", true],
    ["br;q=1.0, gzip;q=0.8, *;q=0.1", true],
    ["gzip ; q=0.5", true],
    ["gzip;q=0", false],
    ["gzip;q=0.0, *", false],
    ["gzip;q=nonsense", false],
    ["*", true],
    ["*;q=0", false],
    [["br", "gzip"], true],
  ])("is told by %j: %j", (header, isTaken) => {
    expect(acceptsGzip(header)).toBe(isTaken);
  });
});
