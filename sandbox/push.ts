/** What somebody says to a message. */
export interface PushAnswer {
  /** 599 when nobody answered. */
  readonly status: number;
  /** Empty too where it broke off. */
  readonly text: string;
}

/** Sends a vendor's message to whoever asked for it. */
export async function sendPush(message: {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** What becomes of an answer that sends somewhere else; followed when left out. */
  readonly redirect?: RequestRedirect;
}): Promise<PushAnswer> {
  const { address, headers, body, redirect = "follow" } = message;
  const init = { method: "POST", headers, redirect, signal: AbortSignal.timeout(10_000), ...(body && { body }) };
  const reply = await fetch(address, init).catch(() => null);
  const text = await reply?.text().catch(() => "");
  return { status: reply?.status ?? 599, text: text ?? "" };
}
