import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { inspect } from "node:util";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import type { EgressFetch } from "../../src/security/egress/egress-fetch.ts";
import { createEgress, type EgressOptions } from "../../src/security/egress.ts";
import { createCertificate } from "../support/certificate.ts";
import { type Answer, serveOnLoopback } from "../support/loopback-server.ts";

function anEgressFetch(options: Partial<EgressOptions> = {}): EgressFetch {
  const egress = createEgress({ allowCidrs: ["127.0.0.0/8"], allowedOrigins: [], ...options });
  onTestFinished(() => egress.close());
  return egress.fetch;
}

const redirectTo =
  (location: string, status = 302): Answer =>
  (_, response) =>
    response.writeHead(status, { location }).end();

/** Redirects /start, and answers everything else with "there". */
const redirectOnce =
  (location: string, status?: number): Answer =>
  (request, response) =>
    request.url === "/start" ? redirectTo(location, status)(request, response) : response.end("there");

describe("the fetch of the egress", () => {
  it("says where a reply came from in the end", async () => {
    const { origin } = await serveOnLoopback(redirectOnce("/moved?page=2"));
    const reply = await anEgressFetch()(`${origin}/start`);
    expect(reply.url).toBe(`${origin}/moved?page=2`);
    expect(await reply.text()).toBe("there");
  });

  it("returns what has no body", async () => {
    const { origin } = await serveOnLoopback((_, response) => response.writeHead(204).end());
    const reply = await anEgressFetch()(origin, { method: "DELETE" });
    expect([reply.status, reply.body]).toEqual([204, null]);
  });

  it("calls nothing but http and https", async () => {
    await expect(anEgressFetch()("file:///etc/passwd")).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    await expect(anEgressFetch()("s3cret")).rejects.toThrow("The address is not a complete URL");
  });

  it("does not quote a header that cannot be sent", async () => {
    const { origin } = await serveOnLoopback(redirectOnce("/"));
    const header: unknown = await anEgressFetch()(origin, { headers: { "x-api-key": "s3cret\nx" } }).catch((e) => e);
    const authorization: unknown = await anEgressFetch()(origin, { authorization: () => "s3cret\n€" }).catch((e) => e);
    expect(header).toMatchObject({ code: "INVALID_INPUT" });
    expect(authorization).toMatchObject({ code: "CREDENTIALS_REJECTED" });
    expect(inspect([header, authorization], { depth: null })).not.toContain("s3cret");
  });
});

describe("following redirects, the fetch of the egress", () => {
  it.each([
    { method: "PROPFIND", status: 301, becomes: "PROPFIND", body: "text" },
    { method: "REPORT", status: 302, becomes: "REPORT", body: "text" },
    { method: "PUT", status: 301, becomes: "PUT", body: "text" },
    { method: "POST", status: 301, becomes: "GET", body: "" },
    { method: "POST", status: 302, becomes: "GET", body: "" },
    { method: "PUT", status: 303, becomes: "GET", body: "" },
    { method: "POST", status: 307, becomes: "POST", body: "text" },
    { method: "POST", status: 308, becomes: "POST", body: "text" },
  ])("answers $status to $method with $becomes", async ({ method, status, becomes, body }) => {
    const { origin, requests } = await serveOnLoopback(redirectOnce("/there", status));
    await anEgressFetch()(`${origin}/start`, { method, body: "text", headers: { "content-type": "text/calendar" } });
    expect(requests[1]).toMatchObject({ method: becomes, url: "/there", body });
    expect(requests[1]?.headers["content-type"]).toBe(body ? "text/calendar" : undefined);
  });

  it("keeps credentials on the same origin and drops them on another", async () => {
    const other = await serveOnLoopback((_, response) => response.end());
    const { origin, requests } = await serveOnLoopback((request, response) =>
      redirectTo(request.url === "/start" ? "/next" : other.origin)(request, response),
    );
    const headers = { authorization: "Basic czNjcmV0", cookie: "session=s3cret", "x-request": "7" };
    await anEgressFetch()(`${origin}/start`, { headers });

    expect(requests[1]?.headers).toMatchObject(headers);
    expect(other.requests[0]?.headers).toMatchObject({ "x-request": "7" });
    expect(other.requests[0]?.headers).not.toHaveProperty("authorization");
    expect(other.requests[0]?.headers).not.toHaveProperty("cookie");
  });

  it("asks for the authorization of each hop", async () => {
    const other = await serveOnLoopback((_, response) => response.end());
    const { origin, requests } = await serveOnLoopback(redirectTo(other.origin));
    await anEgressFetch()(origin, { authorization: ({ port }) => `Bearer for-${port}` });
    expect(requests[0]?.headers.authorization).toBe(`Bearer for-${new URL(origin).port}`);
    expect(other.requests[0]?.headers.authorization).toBe(`Bearer for-${other.port}`);
  });

  it.each([
    { to: "http://169.254.169.254/latest/meta-data", what: "an address that is not public" },
    { to: "https://[fd00:ec2::254]/", what: "an address that is not public" },
    { to: "ftp://127.0.0.1/", what: "another scheme" },
    { to: "http://anna:s3cret@127.0.0.1/", what: "an address with a password" },
  ])("refuses $to: $what", async ({ to }) => {
    const { origin } = await serveOnLoopback(redirectTo(to));
    await expect(anEgressFetch()(origin)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("refuses to give up encryption", async () => {
    const certificate = createCertificate("calendar.test");
    const plain = await serveOnLoopback((_, response) => response.end());
    const { port } = await serveOnLoopback(redirectTo(plain.origin), certificate);
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    const fetch = anEgressFetch({ resolve, trustedCertificates: [certificate.cert] });
    await expect(fetch(`https://calendar.test:${port}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    expect(plain.requests).toEqual([]);
  });

  it("follows five, and not a sixth", async () => {
    const { origin, requests } = await serveOnLoopback(({ url }, response) => {
      const left = Number(url.slice(1));
      if (left === 0) response.end("there");
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect(await (await anEgressFetch()(`${origin}/5`)).text()).toBe("there");
    await expect(anEgressFetch()(`${origin}/6`)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
    expect(requests).toHaveLength(12);
  });

  it("hands a redirect to a caller who asked for it", async () => {
    const { origin, requests } = await serveOnLoopback(redirectTo("https://elsewhere.test/", 301));
    const reply = await anEgressFetch()(origin, { redirect: "manual" });
    expect([reply.status, reply.headers.get("location")]).toEqual([301, "https://elsewhere.test/"]);
    expect(requests).toHaveLength(1);
  });
});

describe("within its limits, the fetch of the egress", () => {
  const isTimeout = { name: "TimeoutError" };

  it("accepts a body of exactly the limit and refuses one byte more", async () => {
    const { origin } = await serveOnLoopback(({ url }, response) => response.end("x".repeat(Number(url.slice(1)))));
    const fetch = anEgressFetch({ maxBodyBytes: 1000 });
    expect(await (await fetch(`${origin}/1000`)).text()).toHaveLength(1000);
    await expect(fetch(`${origin}/1001`)).rejects.toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
  });

  it("counts a compressed body as what it unpacks to", async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000));
    const { origin } = await serveOnLoopback((_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(bomb),
    );
    expect(bomb.length).toBeLessThan(10_000);
    await expect(anEgressFetch({ maxBodyBytes: 10_000 })(origin)).rejects.toMatchObject({
      code: "PROVIDER_REPLY_INVALID",
    });
    expect((await (await anEgressFetch()(origin)).arrayBuffer()).byteLength).toBe(5_000_000);
  });

  it("fails the call when a body breaks off", async () => {
    const { origin } = await serveOnLoopback((_, response) => {
      response.writeHead(200, { "content-length": "100" }).write("half");
      setImmediate(() => response.destroy());
    });
    await expect(anEgressFetch()(origin)).rejects.toMatchObject({ code: "UND_ERR_SOCKET" });
  });

  it("gives up on a server that never answers", async () => {
    const { origin } = await serveOnLoopback(() => undefined);
    await expect(anEgressFetch({ timeoutMs: 50 })(origin)).rejects.toMatchObject(isTimeout);
    await expect(anEgressFetch({ silenceTimeoutMs: 50 })(origin)).rejects.toMatchObject({
      code: "UND_ERR_HEADERS_TIMEOUT",
    });
  });

  it("gives up on a body that drips for ever", async () => {
    const { origin } = await serveOnLoopback((_, response) => {
      const drip = setInterval(() => response.write("."), 5);
      response.on("close", () => clearInterval(drip));
    });
    await expect(anEgressFetch({ timeoutMs: 80 })(origin)).rejects.toMatchObject(isTimeout);
  });

  it("counts all redirects into one time", async () => {
    const { origin } = await serveOnLoopback((_, response) => {
      setTimeout(() => response.writeHead(302, { location: "/again" }).end(), 30);
    });
    await expect(anEgressFetch({ timeoutMs: 80 })(origin)).rejects.toMatchObject(isTimeout);
  });

  it("ends when its caller ends it, for the caller's reason", async () => {
    const controller = new AbortController();
    const { origin } = await serveOnLoopback(() => controller.abort(new Error("the person left")));
    await expect(anEgressFetch()(origin, { signal: controller.signal })).rejects.toThrow("the person left");
    await expect(anEgressFetch()(origin, { signal: controller.signal })).rejects.toThrow("the person left");
  });

  it("reports what is no HTTP, without the bytes", async () => {
    const server = createServer((socket) => socket.end("220 mail.s3cret.test ESMTP\r\n"));
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;

    const error: unknown = await anEgressFetch()(`http://127.0.0.1:${port}/`).catch((e) => e);
    expect(error).toMatchObject({ code: "PROVIDER_REPLY_INVALID" });
    expect(inspect(error, { depth: null })).not.toContain("s3cret");
  });

  it("reports a status that is none of HTTP's", async () => {
    const { origin } = await serveOnLoopback((_, response) => response.writeHead(999).end());
    await expect(anEgressFetch()(origin)).rejects.toMatchObject({
      code: "PROVIDER_REPLY_INVALID",
      providerCode: "HTTP 999",
    });
  });
});
