import { randomUUID } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { eventually } from "./eventually.ts";

export interface CallbackMessage {
  readonly kind: string;
  readonly action: "check" | "next" | "complete";
  readonly id: string;
  readonly verifier: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests look at it as JSON.
  readonly payload?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[];
}

/** The status that a router answers a message with. */
export type CallbackAnswer = (message: CallbackMessage) => number | Promise<number>;

/** One subscription as a router sees it: what it was sent, whether it took it or not. */
export class CallbackInbox {
  readonly id = randomUUID();
  readonly verifier = randomUUID();
  readonly messages: CallbackMessage[] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** What was not answered yet when something else came. */
  overtaken = 0;
  private unanswered = 0;

  constructor(
    private readonly origin: string,
    private readonly answer: CallbackAnswer,
  ) {}

  /** What the router sends along with its operation. */
  asked(changes: object = {}): object {
    const { id: subscriptionId, verifier } = this;
    const callbackUrl = `${this.origin}/callback/${subscriptionId}`;
    return { subscription: { callbackUrl, subscriptionId, verifier, heartbeatIntervalMs: 0, ...changes } };
  }

  of(action: CallbackMessage["action"]): readonly CallbackMessage[] {
    return this.messages.filter((message) => message.action === action);
  }

  /** Waits until so many of an action have come. */
  async until(action: CallbackMessage["action"], count = 1): Promise<readonly CallbackMessage[]> {
    return eventually(
      `${count} ${action}`,
      async () => this.of(action),
      ({ length }) => length >= count,
      {
        withinMs: 20_000,
      },
    );
  }

  async take(message: CallbackMessage, headers: IncomingHttpHeaders): Promise<number> {
    if (this.unanswered > 0) this.overtaken += 1;
    this.unanswered += 1;
    this.messages.push(message);
    this.headers.push(headers);
    const status = await this.answer(message);
    this.unanswered -= 1;
    return status;
  }
}

/** What a router has open for callbacks (Apollo's `callback/1.0`), on loopback. */
export interface CallbackRouter {
  readonly origin: string;
  /** @param answer 204 for everything, when left out */
  inbox(answer?: CallbackAnswer): CallbackInbox;
  stop(): Promise<void>;
}

export async function startCallbackRouter(): Promise<CallbackRouter> {
  const inboxes = new Map<string, CallbackInbox>();
  const server = createServer(async (request, response) => {
    const message = JSON.parse(await text(request)) as CallbackMessage;
    const inbox = inboxes.get(request.url ?? "");
    const isKnown = inbox && message.id === inbox.id && message.verifier === inbox.verifier;
    response.writeHead(isKnown ? await inbox.take(message, request.headers) : 404).end();
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    inbox(answer = () => 204) {
      const inbox = new CallbackInbox(origin, answer);
      inboxes.set(`/callback/${inbox.id}`, inbox);
      return inbox;
    },
    stop: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
