/** Sends a vendor's message to whoever asked for it. @returns the status; 599 when nobody answered */
export async function sendPush(message: {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What becomes of an answer that sends somewhere else; followed when left out. */
  readonly redirect?: RequestRedirect;
}): Promise<number> {
  const { address, headers, body, redirect = "follow" } = message;
  const init = { method: "POST", headers, redirect, signal: AbortSignal.timeout(10_000), ...(body && { body }) };
  const reply = await fetch(address, init).catch(() => null);
  await reply?.arrayBuffer();
  return reply?.status ?? 599;
}
