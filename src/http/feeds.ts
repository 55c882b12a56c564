import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Logger } from "pino";
import { isIntegrationError } from "../errors.ts";
import type { JobFeeds, OpenFeed } from "../services/job-feeds.ts";
import { acceptsGzip } from "./accept-encoding.ts";

const retryAfterSeconds = 60;

/** `/feeds/{token}/{dialect}.xml`: the jobs that readers come for, as they want them. */
export function serveFeeds(server: FastifyInstance, feeds: Pick<JobFeeds, "open">, log: Logger): void {
  server.route<{ Params: { token: string; dialect: string } }>({
    method: ["GET", "HEAD"],
    url: "/feeds/:token/:dialect.xml",
    async handler(request, reply) {
      const { params, headers, id } = request;
      const isGzip = acceptsGzip(headers["accept-encoding"]);
      try {
        const feed = await feeds.open(params.token, params.dialect, isGzip ? "gzip" : "identity");
        return await serve(request, reply, feed, isGzip);
      } catch (error) {
        if (isIntegrationError(error, "NOT_FOUND")) return reply.callNotFound();
        log.error({ err: error, requestId: id }, "a feed cannot be served");
        reply.header("retry-after", retryAfterSeconds);
        return reply.code(503).type("text/plain; charset=utf-8").send("Please come again in a minute.\n");
      }
    },
  });
}

async function serve(request: FastifyRequest, reply: FastifyReply, feed: OpenFeed, isGzip: boolean) {
  const { etag, lastModified, bytes, file, fetchedBy } = feed;
  const { method, headers } = request;
  // Compressed it is another representation, with a name of its own (RFC 9110 §8.8.3.3).
  reply.headers({
    etag: isGzip ? gzipped(etag) : plain(etag),
    "cache-control": "no-cache",
    vary: "accept-encoding",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex",
    ...(lastModified && { "last-modified": lastModified.toUTCString() }),
  });
  const userAgent = headers["user-agent"] ?? "";
  if (isKnown(headers, etag, lastModified)) {
    await file.close();
    if (method === "GET") fetchedBy(userAgent);
    return reply.code(304).send();
  }
  reply.code(200).headers({
    "content-type": "application/xml; charset=utf-8",
    "content-length": bytes,
    ...(isGzip && { "content-encoding": "gzip" }),
  });
  if (method === "HEAD") {
    await file.close();
    return reply.send();
  }
  const content = file.createReadStream();
  // Readers hang up when they have all of it, perhaps before the end of the answer is noticed here.
  content.once("close", () => {
    if (content.bytesRead === bytes) fetchedBy(userAgent);
  });
  return reply.send(content);
}

const plain = (etag: string) => `"${etag}"`;
const gzipped = (etag: string) => `"${etag}-gzip"`;

/** Whether the reader has it: by its name, or else by its time (RFC 9110 §13.2.2). */
function isKnown(headers: FastifyRequest["headers"], etag: string, lastModified: Date | null): boolean {
  const names = headers["if-none-match"];
  if (names !== undefined) {
    const known = names.split(",").map((name) => name.trim().replace(/^W\//, ""));
    return known.some((name) => name === "*" || name === plain(etag) || name === gzipped(etag));
  }
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return lastModified !== null && lastModified.getTime() <= since;
}
