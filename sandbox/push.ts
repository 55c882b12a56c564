/** Sends a vendor's message to whoever asked for it. @returns the status; 599 when nobody answered */
export async function sendPush(message: {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}): Promise<number> {
  const { address, headers, body } = message;
  const signal = AbortSignal.timeout(10_000);
  const reply = await fetch(address, { method: "POST", headers, signal, ...(body && { body }) }).catch(() => null);
  await reply?.arrayBuffer();
  return reply?.status ?? 599;
}
