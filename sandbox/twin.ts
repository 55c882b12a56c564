import type { DeliveredMail } from "./mail-server.ts";

/** A request to a twin, below the twin's own path. */
export interface TwinRequest {
  readonly method: string;
  /** Below the twin, with a slash in front: `/calendar/v3/colors`. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface TwinReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes, for files. */
  readonly body?: string | Uint8Array;
}

/** What a request is for: faults are armed for one of them, or for both. */
export type TwinDoor = "api" | "token" | "page";

/** What the harness gives to every stand-in. */
export interface TwinOptions {
  readonly now: () => Date;
  /** Where the twin is reached, without a slash at the end. */
  readonly origin: () => string;
  readonly seed: boolean;
}

/** A vendor's stand-in, as the harness sees it. */
export interface Twin {
  /** Its path, as in `https://…/{name}/`: `google-calendar`. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  /** Pages of the vendor's that people open by themselves: what they are for, by their path. */
  readonly pages?: Readonly<Record<string, string>>;
  /** What the service has to be configured with to use it, given where the twin is, without a slash at the end. */
  settings(origin: string): Readonly<Record<string, string>>;
  /** What is mailed to this address is the vendor's. */
  readonly mailbox?: { readonly address: string; receive(mail: DeliveredMail): Promise<void> };
  /** As an operator tells a vendor where the messages for all accounts go, where it has such. */
  serviceListens?(publicUrl: string): Promise<unknown>;
  doorOf(request: TwinRequest): TwinDoor;
  /** Whether it asks for what changed since an earlier answer: what the fault `cursor-gone` meets. */
  continuesFromCursor(request: TwinRequest): boolean;
  handle(request: TwinRequest): Promise<TwinReply>;
  /** How the vendor itself words a failure. */
  refuse(refusal: Refusal, door: TwinDoor): TwinReply;
  /** Everything it knows: plain data, which is kept over restarts. */
  readonly state: { load(kept: unknown): void; save(): unknown };
  /** What people and other programs may tell it, by name; unknown names are answered with the list of these. */
  readonly commands: Readonly<Record<string, (words: Readonly<Record<string, unknown>>) => unknown>>;
  readonly accounts: () => readonly string[];
  /** Makes something to look at, where nothing is kept. */
  seed?(): void;
}

/** The failures that every vendor has words of its own for. */
export type Refusal = "rate-limited" | "quota" | "down" | "backend-error" | "unauthorized" | "cursor-gone";

export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): TwinReply {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: body === undefined ? "" : JSON.stringify(body),
  };
}

export function html(status: number, body: string): TwinReply {
  return { status, headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" }, body };
}
