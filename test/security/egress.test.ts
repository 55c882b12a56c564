import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEgress, type Egress, type EgressOptions } from "../../src/security/egress.ts";
import { createCertificate } from "../support/certificate.ts";
import { type Answer, serveOnLoopback } from "../support/loopback-server.ts";

type Get = (egress: Egress, url: string) => Promise<string>;

const overFetch: Get = async (egress, url) => (await egress.fetch(url)).text();

const overAgent: Get = ({ agents }, url) =>
  new Promise((resolve, reject) => {
    const client = url.startsWith("https:") ? https : http;
    const agent = url.startsWith("https:") ? agents.https : agents.http;
    client.get(url, { agent }, (response) => text(response).then(resolve, reject)).on("error", reject);
  });

const fittings = [
  { fitting: "fetch", get: overFetch },
  { fitting: "a node:http(s) agent", get: overAgent },
];

const loopback = ["127.0.0.0/8"];
const greet: Answer = (_, response) => response.setHeader("connection", "close").end("hello");

function anEgress(options: Partial<EgressOptions> = {}): Egress {
  const egress = createEgress({ allowCidrs: [], allowedOrigins: [], ...options });
  onTestFinished(() => egress.close());
  return egress;
}

/** Answers every name with these addresses, one list a lookup; the last one stays. */
function resolveTo(...answers: readonly (readonly string[])[]) {
  const asked: string[] = [];
  const resolve = async (hostname: string) => {
    const addresses = answers[Math.min(asked.length, answers.length - 1)] ?? [];
    asked.push(hostname);
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return { asked, resolve };
}

describe.each(fittings)("the egress policy, over $fitting,", ({ get }) => {
  it.each([
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[2001:0:7f00:1::]",
    "localhost",
    "10.0.0.1",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "169.254.169.254",
  ])("refuses %s", async (host) => {
    const { port, requests } = await serveOnLoopback(greet);
    const egress = anEgress();
    for (const scheme of ["http", "https"]) {
      await expect(get(egress, `${scheme}://${host}:${port}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    }
    expect(requests).toEqual([]);
  });

  it("refuses a name that leads to private addresses only", async () => {
    const egress = anEgress({ resolve: resolveTo(["10.0.0.1", "fd00::1"]).resolve });
    await expect(get(egress, "https://intranet.test/")).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("passes over the refused addresses of a name and connects to an admitted one", async () => {
    const { port } = await serveOnLoopback(greet);
    const { resolve } = resolveTo(["10.0.0.1", "127.0.0.1", "fd00::1"]);
    await expect(get(anEgress({ allowCidrs: loopback, resolve }), `http://mixed.test:${port}/`)).resolves.toBe("hello");
  });

  it("connects to the very address it judged, and judges again at the next connection", async () => {
    const { port } = await serveOnLoopback(greet);
    const { asked, resolve } = resolveTo(["127.0.0.1"], ["10.0.0.1"]);
    const egress = anEgress({ allowCidrs: loopback, resolve });
    const url = `http://rebinding.test:${port}/`;

    await expect(get(egress, url)).resolves.toBe("hello");
    expect(asked).toEqual(["rebinding.test"]);
    await expect(get(egress, url)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    expect(asked).toEqual(["rebinding.test", "rebinding.test"]);
  });

  it("refuses a public address over http, and says to use https", async () => {
    const egress = anEgress({ resolve: resolveTo(["8.8.8.8"]).resolve });
    await expect(get(egress, "http://public.test/")).rejects.toMatchObject({
      code: "EGRESS_REFUSED",
      remedy: expect.stringContaining("https://"),
    });
  });

  it("calls an origin of the operator's, and neither another port nor another scheme of the same host", async () => {
    const [ours, theirs] = [await serveOnLoopback(greet), await serveOnLoopback(greet)];
    const egress = anEgress({ allowedOrigins: [ours.origin] });
    await expect(get(egress, `${ours.origin}/`)).resolves.toBe("hello");
    await expect(get(egress, `${theirs.origin}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    await expect(get(egress, `https://127.0.0.1:${ours.port}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("calls a name of the operator's wherever it leads", async () => {
    const { port } = await serveOnLoopback(greet);
    const { resolve } = resolveTo(["127.0.0.1"]);
    const egress = anEgress({ allowedOrigins: [`http://twin.test:${port}`], resolve });
    await expect(get(egress, `http://twin.test:${port}/`)).resolves.toBe("hello");
    await expect(get(egress, `http://other.test:${port}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("refuses an address with a user name or password, and repeats neither it nor the query", async () => {
    const { port } = await serveOnLoopback(greet);
    const egress = anEgress({ allowCidrs: loopback });
    const error: unknown = await get(egress, `http://anna:s3cret@127.0.0.1:${port}/?key=s3cret`).catch((e) => e);
    expect(error).toMatchObject({ code: "EGRESS_REFUSED", remedy: expect.any(String) });
    expect(String(error)).not.toContain("s3cret");
  });

  it("checks a certificate against the name, although it connects to an address", async () => {
    const certificate = createCertificate("calendar.test");
    const { port } = await serveOnLoopback(greet, certificate);
    const { resolve } = resolveTo(["127.0.0.1"]);
    const egress = anEgress({ allowCidrs: loopback, resolve, trustedCertificates: [certificate.cert] });
    await expect(get(egress, `https://calendar.test:${port}/`)).resolves.toBe("hello");
    await expect(get(egress, `https://other.test:${port}/`)).rejects.toMatchObject({
      code: "ERR_TLS_CERT_ALTNAME_INVALID",
    });
  });

  it("trusts no certificate that Node does not trust", async () => {
    const { port } = await serveOnLoopback(greet, createCertificate("calendar.test"));
    const egress = anEgress({ allowCidrs: loopback, resolve: resolveTo(["127.0.0.1"]).resolve });
    await expect(get(egress, `https://calendar.test:${port}/`)).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });

  it("hands on that a name is not known", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" }));
    await expect(get(anEgress({ resolve }), "https://missing.test/")).rejects.toMatchObject({ code: "ENOTFOUND" });
  });
});

describe("a node:http agent", () => {
  const request = (options: http.RequestOptions) =>
    new Promise((resolve, reject) =>
      http.get({ agent: anEgress().agents.http, ...options }, resolve).on("error", reject),
    );

  it.each(["127.0.0.1", "2130706433", "0x7f.1", "::1"])(
    "refuses host %s, which no URL parser has seen",
    async (host) => {
      await expect(request({ host, port: 80 })).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    },
  );

  it("refuses the sockets of this machine", async () => {
    await expect(request({ socketPath: "/var/run/docker.sock" })).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("refuses although the caller brings a lookup of its own", async () => {
    const lookup: http.RequestOptions["lookup"] = (_, __, callback) => callback(null, "127.0.0.1", 4);
    await expect(request({ host: "localhost", port: 80, lookup })).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });
});

describe("a connection for mail", () => {
  const connected = async (egress: Egress, host: string, port: number) => {
    const socket = await egress.mail.connect({ host, port }, new AbortController().signal);
    const { remoteAddress } = socket;
    socket.destroy();
    return remoteAddress;
  };

  it("goes to the operator's mail server, wherever that is, and by whatever letters it is named", async () => {
    const { port } = await serveOnLoopback(greet);
    const { resolve } = resolveTo(["127.0.0.1"]);
    const egress = anEgress({ allowedOrigins: [`smtp://Mail.internal:${port}`], resolve });
    await expect(connected(egress, "mail.Internal", port)).resolves.toBe("127.0.0.1");
    await expect(connected(egress, "other.internal", port)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    await expect(connected(egress, "mail.internal", port + 1)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it.each(["127.0.0.1", "::1", "8.8.8.8", "2130706433"])("goes nowhere else: %s", async (host) => {
    await expect(connected(anEgress(), host, 25)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
  });

  it("opens no way for fetch: a mail server must not be spoken to in another one's words", async () => {
    const { port, requests } = await serveOnLoopback(greet);
    const egress = anEgress({ allowedOrigins: [`smtp://127.0.0.1:${port}`] });
    for (const { get } of fittings) {
      await expect(get(egress, `http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: "EGRESS_REFUSED" });
    }
    expect(requests).toEqual([]);
  });

  it("hands on what the network says, and ends when it is told to", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("queryA ENOTFOUND"), { code: "ENOTFOUND" }));
    const egress = anEgress({ allowedOrigins: ["smtp://mail.test:25"], resolve });
    await expect(connected(egress, "mail.test", 25)).rejects.toMatchObject({ code: "ENOTFOUND" });
    const never = anEgress({ allowedOrigins: ["smtp://mail.test:25"], resolve: () => new Promise(() => {}) });
    const stopping = AbortSignal.abort(new Error("stopping"));
    await expect(never.mail.connect({ host: "mail.test", port: 25 }, stopping)).rejects.toThrow("stopping");
  });
});
