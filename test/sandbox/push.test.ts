import { describe, expect, it } from "vitest";
import { sendPush } from "../../sandbox/push.ts";
import { serveOnLoopback } from "../support/loopback-server.ts";

describe("the answer to a vendor's message", () => {
  it("is its status and its text", async () => {
    const { origin } = await serveOnLoopback((_, response) => void response.writeHead(409).end("twice"));
    expect(await sendPush({ address: origin, headers: {} })).toEqual({ status: 409, text: "twice" });
  });

  it("has no text when it breaks off", async () => {
    const { origin } = await serveOnLoopback((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("half", () => response.destroy());
    });
    expect(await sendPush({ address: origin, headers: {} })).toEqual({ status: 200, text: "" });
  });

  it("is 599 when nobody answers", async () => {
    const { origin } = await serveOnLoopback((_, response) => void response.destroy());
    expect(await sendPush({ address: origin, headers: {} })).toEqual({ status: 599, text: "" });
  });
});
