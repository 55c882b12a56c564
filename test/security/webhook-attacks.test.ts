import { randomBytes } from "node:crypto";

import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEgress, type Egress, type EgressOptions } from "../../src/security/egress.ts";
import { type AttemptOutcome, createDeliveryCall } from "../../src/services/delivery-call.ts";
import { newSigningSecret } from "../../src/services/endpoint-secrets.ts";
import { inTime } from "../support/eventually.ts";
import { type Answer, serveOnLoopback } from "../support/loopback-server.ts";

const loopback = ["127.0.0.0/8"];
const mega = 1024 * 1024;

function anEgress(options: Partial<EgressOptions> = {}): Egress {
  const egress = createEgress({ allowCidrs: [], allowedOrigins: [], ...options });
  onTestFinished(() => egress.close());
  return egress;
}

/** Sends an event there, as to any customer's URL. */
function deliver(url: string, options: Partial<EgressOptions> = { allowCidrs: loopback }): Promise<AttemptOutcome> {
  const call = createDeliveryCall(anEgress(options).fetch, "test", () => new Date());
  const secrets = { signing: [{ secret: newSigningSecret(), until: null }], headers: {} };
  return call({ url }, secrets, { id: "event" });
}

/** A server of bytes: whoever connects is handed over. */
async function serveBytes(handle: (socket: Socket) => void): Promise<{ url: string; server: Server }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => handle(socket));
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

const answering = (answer: Answer) => serveOnLoopback(answer);

describe("an address that somebody registers", () => {
  it.each([
    ...[
      "http://127.0.0.1/",
      "https://127.0.0.1/",
      "https://2130706433/",
      "https://0x7f000001/",
      "https://017700000001/",
    ],
    ...[
      "https://127.1/",
      "https://127.0.0.1./",
      "https://%31%32%37.0.0.1/",
      "https://１２７.0.0.1/",
      "https://127。0。0。1/",
    ],
    ...["https://0.0.0.0/", "https://0/", "https://[::]/", "https://[::1]/", "https://[0:0:0:0:0:0:0:1]/"],
    ...[
      "https://[::ffff:127.0.0.1]/",
      "https://[::FFFF:7f00:1]/",
      "https://[::127.0.0.1]/",
      "https://[64:ff9b::7f00:1]/",
    ],
    ...["https://[2002:7f00:1::]/", "https://[fd00:ec2::254]/", "https://[fe80::1]/", "https://[ff02::1]/"],
    ...["https://169.254.169.254/latest/meta-data", "https://100.100.100.200/", "https://168.63.129.16/"],
    ...["https://10.0.0.1/", "https://172.16.0.1/", "https://192.168.0.1/", "https://255.255.255.255/"],
    ...["https://localhost/", "https://LOCALHOST./", "https://user:secret@example.com/", "https://@127.0.0.1/"],
    ...[
      "file:///etc/passwd",
      "gopher://example.com/",
      "ftp://example.com/",
      "javascript:alert(1)",
      "//example.com/",
      "nonsense",
    ],
  ])("is refused without being called: %s", async (url) => {
    // Whatever a name leads to elsewhere, here it leads to this machine.
    const resolve = async () => [{ address: "127.0.0.1", family: 4 }];
    expect(await anEgress({ resolve }).examine(url)).toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("may be public, or the operator's", async () => {
    const resolve = async () => [{ address: "93.184.216.34", family: 4 }];
    expect(await anEgress({ resolve }).examine("https://hooks.example.com/x")).toBeNull();
    expect(await anEgress({ resolve }).examine("http://hooks.example.com/x")).toMatchObject({
      remedy: expect.stringContaining("https"),
    });
    expect(await anEgress({ allowCidrs: loopback }).examine("http://127.0.0.1:3000/")).toBeNull();
  });

  it("is looked up, and a name that nobody has is told with a remedy", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("no"), { code: "ENOTFOUND" }));
    expect(await anEgress({ resolve }).examine("https://nobody.example/")).toMatchObject({
      code: "EGRESS_REFUSED",
      remedy: expect.stringContaining("spelling"),
    });
  });
});

describe("a name that leads elsewhere after it was registered", () => {
  it("is judged again at each sending, and the private server hears nothing", async () => {
    const { port, requests } = await answering((_, response) => response.end("in"));
    const answers = ["93.184.216.34", "127.0.0.1"];
    const resolve = async () => [{ address: answers.shift() ?? "127.0.0.1", family: 4 }];
    const egress = anEgress({ resolve });
    expect(await egress.examine(`https://rebinding.example:${port}/`)).toBeNull();
    const secrets = { signing: [], headers: {} };
    const call = createDeliveryCall(egress.fetch, "test", () => new Date());
    const outcome = await call({ url: `https://rebinding.example:${port}/` }, secrets, { id: "event" });
    expect(outcome).toMatchObject({ status: null, problem: { code: "EGRESS_REFUSED" } });
    expect(outcome.problem?.message).not.toContain("127.0.0.1");
    expect(requests).toEqual([]);
  });
});

describe("a receiver", () => {
  it.each([301, 302, 303, 307, 308])("that redirects (%i) leads nowhere", async (status) => {
    const inner = await answering((_, response) => response.end("in"));
    const { origin } = await answering((_, response) => response.writeHead(status, { location: inner.origin }).end());
    expect(await deliver(`${origin}/`)).toMatchObject({ status, problem: { code: "PROVIDER_REFUSED" } });
    expect(inner.requests).toEqual([]);
  });

  const bodies: readonly { name: string; answer: Answer }[] = [
    { name: "sends a huge body", answer: (_, response) => response.end(Buffer.alloc(50 * mega, "x")) },
    { name: "never ends its body", answer: (_, response) => pour(response) },
    { name: "sends a byte now and then", answer: (_, response) => drip(response) },
    {
      name: "breaks off",
      answer: (_, response) => {
        response.writeHead(200, { "content-length": "1000" }).write("begun");
        setTimeout(() => response.destroy(), 20);
      },
    },
    {
      name: "sends a bomb (gzip)",
      answer: (_, response) =>
        response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(100 * mega))),
    },
    {
      name: "sends a bomb (br)",
      answer: (_, response) =>
        response.writeHead(200, { "content-encoding": "br" }).end(brotliCompressSync(Buffer.alloc(20 * mega))),
    },
    {
      name: "says it is compressed, and is not",
      answer: (_, response) => response.writeHead(200, { "content-encoding": "gzip" }).end("plain"),
    },
  ];
  it.each(bodies)("that $name has taken the event, and little of the body is kept", async ({ answer }) => {
    const { origin } = await answering(answer);
    const outcome = await deliver(`${origin}/`);
    expect(outcome).toMatchObject({ status: 200, problem: null });
    expect(outcome.answer?.length).toBeLessThanOrEqual(1024);
  });

  it("that never ends its body is hung up on", async () => {
    const closed = deferred();
    const { origin } = await answering((_, response) => {
      response.on("close", () => closed.resolve());
      pour(response);
    });
    expect(await deliver(`${origin}/`)).toMatchObject({ status: 200 });
    await inTime("the end of the connection", closed.promise);
  });

  const nonsense: readonly { name: string; says(socket: Socket): void }[] = [
    { name: "does not speak HTTP", says: (socket) => socket.end(randomBytes(2000)) },
    { name: "hangs up", says: (socket) => socket.destroy() },
    {
      name: "sends headers without end",
      says: (socket) => {
        socket.write("HTTP/1.1 200 OK\r\n");
        const more = setInterval(() => socket.write(`x-${randomBytes(8).toString("hex")}: ${"y".repeat(4000)}\r\n`), 1);
        socket.on("close", () => clearInterval(more));
      },
    },
    {
      name: "says one thing after the other before its answer",
      says: (socket) => socket.end("HTTP/1.1 103 Early Hints\r\n\r\n".repeat(100)),
    },
    {
      name: "answers with a status that is none",
      says: (socket) => socket.end("HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n"),
    },
  ];
  it.each(nonsense)("that $name has not taken the event", async ({ says }) => {
    const { url } = await serveBytes(says);
    const outcome = await inTime("the outcome", deliver(url));
    expect(outcome.problem).toMatchObject({ message: expect.any(String) });
    expect(outcome.problem?.code).not.toBe("INTERNAL");
  });

  it("that echoes what it gets does not show people our secrets", async () => {
    const { origin } = await answering(({ headers, body }, response) =>
      response.writeHead(500).end(JSON.stringify({ headers, body })),
    );
    const call = createDeliveryCall(anEgress({ allowCidrs: loopback }).fetch, "test", () => new Date());
    const secret = newSigningSecret();
    const secrets = {
      signing: [{ secret, until: null }],
      headers: { authorization: "Basic Zm9vOmJhcg==", "x-key": "of-the-customer" },
    };
    const { answer } = await call({ url: `${origin}/` }, secrets, { id: `event ${secret}` });
    expect(answer).toContain("***");
    expect(answer).not.toMatch(/of-the-customer|Zm9vOmJhcg|whsec_/);
  });

  it("that echoes a secret until the answer is cut off shows no beginning of it, nor one that is part of another", async () => {
    const long = `of/the/"customer"-${"s".repeat(100)}`;
    const call = createDeliveryCall(anEgress({ allowCidrs: loopback }).fetch, "test", () => new Date());
    const secrets = { signing: [], headers: { "x-short": "customer", "x-long": long } };
    const { origin } = await answering((_, response) => response.end(`${"x".repeat(950)}${long}`));
    const cut = await call({ url: `${origin}/` }, secrets, { id: "event" });
    expect(cut.answer).toBe(`${"x".repeat(950)}***`);
    const escaped = await answering((_, response) => response.end(`[${JSON.stringify(long)}]`));
    const { answer } = await call({ url: `${escaped.origin}/` }, secrets, { id: "event" });
    expect(answer).toBe('["***"]');
  });
});

function pour(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, "x");
  response.writeHead(200);
  const more = setInterval(() => response.write(piece), 1);
  response.on("close", () => clearInterval(more));
}

function drip(response: ServerResponse): void {
  response.writeHead(200);
  const more = setInterval(() => response.write("x"), 100);
  response.on("close", () => clearInterval(more));
}

function deferred() {
  let resolve: (value?: unknown) => void = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
