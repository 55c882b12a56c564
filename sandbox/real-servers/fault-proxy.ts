import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** One request as it passes. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export interface PassingReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/**
 * What happens to a request: another answer, or the real one with something changed. Undefined lets it pass; a
 * rejection closes the connection without an answer.
 *
 * @param forward gets the real answer, to another body when one is given
 */
export type Fault = (
  request: PassingRequest,
  forward: (body?: string) => Promise<PassingReply>,
) => Promise<PassingReply> | undefined;

/** A proxy in front of a real server that can be told to misbehave. */
export interface FaultProxy {
  readonly url: string;
  /** Every request since the last `forget()`, oldest first. */
  readonly requests: readonly PassingRequest[];
  forget(): void;
  /** The next request meets this fault; the one after it passes. */
  failNext(fault: Fault): void;
  /** Every request meets this fault until the function returned is called. */
  failAlways(fault: Fault): () => void;
  close(): Promise<void>;
}

export const faults = {
  status:
    (status: number, headers: Readonly<Record<string, string>> = {}, body = ""): Fault =>
    async () => ({ status, headers: { "content-type": "text/plain", ...headers }, body }),
  html: (async () => ({
    status: 200,
    headers: { "content-type": "text/html" },
    body: "<!doctype html><title>Please sign in</title>",
  })) satisfies Fault,
  reset: (() => Promise.reject(new Error("Reset"))) satisfies Fault,
  /** The server does what it is asked, and nobody hears of it. */
  lost: (async (_, forward) => {
    await forward();
    throw new Error("Lost");
  }) satisfies Fault,
  /** Cuts every answer in two, under a Content-Length that fits. */
  truncated: (async (_, forward) => {
    const reply = await forward();
    return { ...reply, body: reply.body.slice(0, reply.body.length / 2) };
  }) satisfies Fault,
  /** Only requests with this method or REPORT name meet the fault. */
  on:
    (word: string, fault: Fault): Fault =>
    (request, forward) =>
      request.method === word || request.body.includes(word) ? fault(request, forward) : undefined,
  /** Changes what is asked. */
  asking:
    (change: (body: string) => string): Fault =>
    (request, forward) =>
      forward(change(request.body)),
  /** Changes the text of every XML answer. */
  rewriting:
    (change: (body: string) => string): Fault =>
    async (_, forward) => {
      const reply = await forward();
      return reply.headers["content-type"]?.includes("xml") ? { ...reply, body: change(reply.body) } : reply;
    },
};

export async function startFaultProxy(target: string): Promise<FaultProxy> {
  let once: Fault | undefined;
  const always = new Set<Fault>();
  const requests: PassingRequest[] = [];

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const { method = "GET", url: path = "/" } = incoming;
    const request = { method, path, authorization: incoming.headers.authorization, body: await readText(incoming) };
    requests.push(request);
    const met = [...always, ...(once === undefined ? [] : [once])];
    once = undefined;
    let forward = (body: string) => pass(incoming, { ...request, body });
    for (const fault of met) {
      const next = forward;
      forward = (body) => fault({ ...request, body }, (other = body) => next(other)) ?? next(body);
    }
    const reply = await forward(request.body);
    const body = Buffer.from(reply.body, "utf8");
    const { "content-length": _, ...headers } = reply.headers;
    outgoing.writeHead(reply.status, { ...headers, "content-length": body.length });
    outgoing.end(body);
  };

  const pass = async (incoming: IncomingMessage, { method, path, body }: PassingRequest): Promise<PassingReply> => {
    const { host: _, connection: __, "content-length": ___, "accept-encoding": ____, ...headers } = incoming.headers;
    const reply = await fetch(new URL(path, target), {
      method,
      headers: Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]),
      redirect: "manual",
      ...(body === "" ? {} : { body }),
    });
    const kept = [...reply.headers].filter(
      ([name]) => !["connection", "transfer-encoding", "content-encoding"].includes(name),
    );
    // Redirects to the real server would leave the proxy.
    const replyHeaders = Object.fromEntries(kept.map(([name, value]) => [name, value.replace(target, url)]));
    return { status: reply.status, headers: replyHeaders, body: await reply.text() };
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}/`;

  return {
    url,
    requests,
    forget: () => requests.splice(0),
    failNext(fault) {
      once = fault;
    },
    failAlways(fault) {
      always.add(fault);
      return () => always.delete(fault);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
