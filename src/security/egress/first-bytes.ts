import type { Response as UndiciResponse } from "undici";
import { withBody } from "./whole-reply.ts";

/** How much of a body is kept, and for how long it is waited for. */
export interface FirstBytes {
  /** Counted after decompression. */
  readonly bytes: number;
  readonly withinMs: number;
}

/**
 * Reads the beginning of a reply, and ends the connection where there is more of it. Whatever is wrong with the body is no
 * failure: what it says was said by the status.
 *
 * @throws {IntegrationError} PROVIDER_REPLY_INVALID when the status is none of HTTP's
 */
export async function readFirst(reply: UndiciResponse, { bytes, withinMs }: FirstBytes): Promise<Response> {
  const reader = reply.body?.getReader();
  const chunks: Uint8Array[] = [];
  let missing = bytes;
  const timer = setTimeout(() => void reader?.cancel().catch(() => {}), withinMs);
  try {
    while (reader && missing > 0) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value.subarray(0, missing));
      missing -= value.length;
    }
  } catch {
    // It broke off, or cannot be decompressed.
  } finally {
    clearTimeout(timer);
    await reader?.cancel().catch(() => {});
  }
  return withBody(reply, Buffer.concat(chunks));
}
