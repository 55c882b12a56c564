import { Webhook } from "standardwebhooks";
import * as z from "zod";
import { Faults } from "./faults.ts";
import { html, json, type Refusal, type Twin, type TwinOptions, type TwinReply, type TwinRequest } from "./twin.ts";
import { InboxMessage } from "./webhook-inbox/message.ts";
import { inboxPage, listPage } from "./webhook-inbox/pages.ts";

interface Inbox {
  secret: string | null;
  /** The oldest first. */
  messages: InboxMessage[];
}

const State = z.record(z.string(), z.object({ secret: z.string().nullable(), messages: z.array(InboxMessage) }));
const Event = z.object({ type: z.string() });
const Words = z.object({ name: z.string(), secret: z.string().optional() });

/** Of each inbox: the rest is forgotten, oldest first. */
const mostMessages = 200;
const statuses: Readonly<Record<Refusal, number>> = {
  "rate-limited": 429,
  quota: 429,
  down: 503,
  "backend-error": 500,
  unauthorized: 401,
  "cursor-gone": 410,
};

/** A customer's server, for developing with webhooks: what is sent to `/webhook-inbox/{name}` is kept, and can be looked at. */
export class WebhookInboxTwin implements Twin {
  readonly name = "webhook-inbox";
  readonly title = "Webhook inbox";
  readonly pages = { "/": "Look at the webhooks that were sent here" };
  readonly faults = new Faults(this);
  readonly commands: Twin["commands"] = {
    secret: (words) => this.tellSecret(words),
    messages: (words) => this.inboxOf(Words.parse(words).name).messages,
    empty: (words) => {
      this.inboxOf(Words.parse(words).name).messages = [];
    },
  };
  private readonly inboxes = new Map<string, Inbox>();

  constructor(private readonly options: Pick<TwinOptions, "now" | "origin">) {}

  /** The service learns its address from whoever makes an endpoint of it. */
  settings(): Readonly<Record<string, string>> {
    return {};
  }

  doorOf({ method }: TwinRequest): "api" | "page" {
    return method === "POST" ? "api" : "page";
  }

  continuesFromCursor(): boolean {
    return false;
  }

  async handle({ method, path, headers, body }: TwinRequest): Promise<TwinReply> {
    const [, name = "", format] = /^\/([\w-]{0,60})(\.json)?$/.exec(path) ?? [];
    if (name === "") return html(200, listPage(this.options.origin(), this.accounts()));
    if (method === "POST") {
      this.keep(this.inboxOf(name), headers, body);
      return { status: 204 };
    }
    const { messages, secret } = this.inboxOf(name);
    const newestFirst = messages.toReversed();
    if (format) return json(200, { messages: newestFirst });
    return html(200, inboxPage({ name, hasSecret: secret !== null, messages: newestFirst }));
  }

  refuse(refusal: Refusal): TwinReply {
    return json(statuses[refusal], { error: refusal });
  }

  readonly state = {
    load: (kept: unknown) => {
      for (const [name, inbox] of Object.entries(State.parse(kept))) this.inboxes.set(name, inbox);
    },
    save: () => Object.fromEntries(this.inboxes),
  };

  readonly accounts = (): readonly string[] => [...this.inboxes.keys()];

  private inboxOf(name: string): Inbox {
    const inbox = this.inboxes.get(name) ?? { secret: null, messages: [] };
    this.inboxes.set(name, inbox);
    return inbox;
  }

  private keep(inbox: Inbox, headers: TwinRequest["headers"], body: string): void {
    const isSigned = inbox.secret === null ? null : holds(inbox.secret, headers, body);
    const { authorization: _, ...shown } = headers;
    inbox.messages.push({
      id: headers["webhook-id"] ?? "",
      type: typeOf(body),
      receivedAt: this.options.now().toISOString(),
      ...{ isSigned, headers: shown, body },
    });
    inbox.messages.splice(0, Math.max(0, inbox.messages.length - mostMessages));
  }

  /** What came before is judged by it as well, as far as its time is not over. */
  private tellSecret(words: unknown): { readonly messages: number } {
    const { name, secret } = Words.required().parse(words);
    const inbox = this.inboxOf(name);
    inbox.secret = secret;
    inbox.messages = inbox.messages.map((message) => ({
      ...message,
      isSigned: holds(secret, message.headers, message.body),
    }));
    return { messages: inbox.messages.length };
  }
}

function holds(secret: string, headers: Readonly<Record<string, string>>, body: string): boolean {
  try {
    new Webhook(secret).verify(body, { ...headers });
    return true;
  } catch {
    return false;
  }
}

function typeOf(body: string): string | null {
  try {
    return Event.parse(JSON.parse(body)).type;
  } catch {
    return null;
  }
}
