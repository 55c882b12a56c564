import { randomUUID } from "node:crypto";
import { ApiError, invalid, notFound } from "./errors.ts";
import type { GoogleCalendarState, StoredCalendar, StoredChannel } from "./state.ts";

const longestMs = 7 * 24 * 60 * 60 * 1000;
const attempts = 3;
const maxTokenLength = 256;
const retried = [500, 502, 503, 504];

export interface PushMessage {
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface ChannelOptions {
  readonly now: () => Date;
  /** Sends a push message; answers the receiver's status. */
  readonly push: (message: PushMessage) => Promise<number>;
}

/** Who is told when a calendar changes. https://developers.google.com/workspace/calendar/api/guides/push */
export class Channels {
  /** The `sync` message comes before the answer to `watch`. */
  syncMessageFirst = false;
  private sending: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly state: GoogleCalendarState,
    private readonly options: ChannelOptions,
  ) {}

  /** @param calendar null watches the list of them */
  async watch(
    email: string,
    calendar: StoredCalendar | null,
    body: Record<string, unknown>,
  ): Promise<Record<string, unknown>> {
    const {
      id,
      address,
      token = null,
      expiration,
      params,
    } = body as {
      id?: string;
      address?: string;
      token?: string | null;
      expiration?: string | number;
      params?: { ttl?: string };
    };
    if (body["type"] !== "web_hook" || !id || !address) {
      throw new ApiError(400, "required", "Required parameter missing or invalid.");
    }
    if (!/^[\w\-+/=]{1,64}$/.test(id)) throw invalid("Invalid channel id.", "id");
    if ((token?.length ?? 0) > maxTokenLength) throw invalid("Channel token too long.", "token");
    if (!URL.canParse(address)) throw invalid("Invalid webhook address.", "address");
    if (calendar?.unwatchable) {
      throw new ApiError(
        400,
        "pushNotSupportedForRequestedResource",
        "Push notifications are not supported by this resource.",
      );
    }
    const { protocol, hostname } = new URL(address);
    if (protocol !== "https:" && !["localhost", "127.0.0.1"].includes(hostname)) {
      throw new ApiError(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS.");
    }
    if (this.state.channels.has(id)) throw new ApiError(400, "channelIdNotUnique", `Channel id ${id} not unique`);
    const now = this.options.now().getTime();
    // Of several wishes and Google's own limit the strictest counts.
    const wishes = [expiration, params?.ttl && now + Number(params.ttl) * 1000].filter(Boolean).map(Number);
    if (wishes.some((wish) => !(wish > now))) throw invalid("Invalid channel expiration.", "expiration");
    const channel: StoredChannel = {
      id,
      token,
      address,
      resourceId: randomUUID().replaceAll("-", ""),
      email,
      calendarId: calendar?.id ?? null,
      expiration: new Date(Math.min(now + longestMs, ...wishes)),
      messages: 0,
      stopped: false,
    };
    this.state.channels.set(id, channel);
    const greeting = this.send(channel, "sync");
    if (this.syncMessageFirst) await greeting;
    return {
      kind: "api#channel",
      id,
      resourceId: channel.resourceId,
      resourceUri: resourceUri(channel),
      ...(token !== null && { token }),
      expiration: String(channel.expiration.getTime()),
    };
  }

  stop(email: string, body: Record<string, unknown>): void {
    const channel = this.state.channels.get(String(body["id"]));
    if (!channel || channel.stopped || channel.resourceId !== body["resourceId"] || channel.email !== email)
      throw notFound();
    channel.stopped = true;
  }

  /** Tells everybody who watches this calendar, or the list of them. */
  changed(email: string, calendar: StoredCalendar | null): void {
    const id = calendar?.id ?? null;
    for (const channel of this.live(email)) if (channel.calendarId === id) void this.send(channel, "exists");
  }

  live(email: string): readonly StoredChannel[] {
    const now = this.options.now();
    return [...this.state.channels.values()].filter(
      (channel) => channel.email === email && !channel.stopped && channel.expiration > now,
    );
  }

  /** Resolves when everything that was to be sent by now was sent. */
  async settled(): Promise<void> {
    await this.sending;
  }

  private send(channel: StoredChannel, state: "sync" | "exists"): Promise<unknown> {
    // Numbers grow, and not by one.
    channel.messages += channel.messages === 0 ? 1 : 1 + (channel.messages % 3);
    const message = { address: channel.address, headers: headersOf(channel, state) };
    const sent = this.deliver(message);
    this.sending = Promise.allSettled([this.sending, sent]);
    return sent;
  }

  private async deliver(message: PushMessage): Promise<void> {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const status = await this.options.push(message);
      if (!retried.includes(status)) return;
      await new Promise((resolve) => setTimeout(resolve, 200 * attempt));
    }
  }
}

function headersOf(channel: StoredChannel, state: string): Readonly<Record<string, string>> {
  return {
    "x-goog-channel-id": channel.id,
    ...(channel.token !== null && { "x-goog-channel-token": channel.token }),
    "x-goog-channel-expiration": channel.expiration.toUTCString(),
    "x-goog-resource-id": channel.resourceId,
    "x-goog-resource-uri": resourceUri(channel),
    "x-goog-resource-state": state,
    "x-goog-message-number": String(channel.messages),
  };
}

function resourceUri({ calendarId }: StoredChannel): string {
  const path = calendarId === null ? "users/me/calendarList" : `calendars/${encodeURIComponent(calendarId)}/events`;
  return `https://www.googleapis.com/calendar/v3/${path}?alt=json`;
}
