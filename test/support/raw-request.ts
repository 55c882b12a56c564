import { type IncomingHttpHeaders, request } from "node:http";
import { buffer } from "node:stream/consumers";

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The bytes as they came, compressed or not. */
  readonly body: Buffer;
}

/** Asks with no header but these, and leaves the reply as it is. */
export function rawRequest(
  url: string,
  {
    method = "GET",
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { method, headers, agent: false }, (reply) => {
      buffer(reply).then((body) => resolve({ status: reply.statusCode ?? 0, headers: reply.headers, body }), reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
