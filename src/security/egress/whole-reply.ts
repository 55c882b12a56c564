import type { Response as UndiciResponse } from "undici";
import { IntegrationError } from "../../errors.ts";

const bodilessStatuses: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Reads a reply to its end, so that a body which breaks off is a failed call and never a short answer.
 *
 * @param maxBodyBytes counted after decompression
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID when the body is longer, or the status is none of HTTP's
 */
export async function readWhole(reply: UndiciResponse, maxBodyBytes: number): Promise<Response> {
  return withBody(reply, await readBody(reply, maxBodyBytes));
}

/** The reply with a body that was read. @throws {IntegrationError} PROVIDER_REPLY_INVALID when the status is none of HTTP's */
export function withBody(reply: UndiciResponse, body: Uint8Array<ArrayBuffer>): Response {
  const { status, statusText, url } = reply;
  if (status < 200 || status > 599) {
    throw new IntegrationError("PROVIDER_REPLY_INVALID", `The server answered with status ${status}`, {
      providerCode: `HTTP ${status}`,
    });
  }

  const init = { status, statusText, headers: [...reply.headers] };
  const whole = new Response(bodilessStatuses.has(status) ? null : body, init);
  // The constructor has no way to say where a response came from; callers resolve relative references against it.
  return Object.defineProperty(whole, "url", { value: url });
}

async function readBody(reply: UndiciResponse, maxBodyBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of reply.body ?? []) {
    length += chunk.length;
    if (length > maxBodyBytes) {
      throw new IntegrationError("PROVIDER_REPLY_INVALID", `The reply is longer than ${maxBodyBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
