import { expect, it } from "vitest";
import { keptHeaders } from "../../src/services/kept-headers.ts";

it("keeps headers that say something", () => {
  const headers = { "user-agent": "Vendor/1", "content-type": "application/json", "x-goog-resource-state": "exists" };
  expect(keptHeaders(headers)).toEqual(headers);
});

it.each([
  ["authorization", "Bearer abc"],
  ["cookie", "a=b"],
  ["x-goog-channel-token", "abc"],
  ["x-li-signature", "abc"],
  ["x-api-key", "abc"],
  ["x-auth", "abc"],
  ["x-forwarded-uri", "/webhooks/indeed/abc"],
])("keeps no secret: %s", (name, value) => {
  expect(keptHeaders({ [name]: value })).toEqual({});
});
