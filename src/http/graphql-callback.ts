import type { ExecutionArgs, GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { CallerToken } from "../security/caller-token.ts";
import type { EgressFetch } from "../security/egress/egress-fetch.ts";
import { CallbackReceiver, type CallbackTarget } from "./callback-receiver.ts";
import { CallbackSubscription } from "./callback-subscription.ts";
import type { ServedGraph } from "./graphql-http.ts";
import { atExpiry } from "./token-expiry.ts";

/** As many as one WebSocket carries. */
const maxPerCaller = 100;
const maxPerProcess = 10_000;
const shortestHeartbeatMs = 100;
const longestHeartbeatMs = 60 * 60 * 1000;
/** A router that does not answer the end of its subscription is cut off after this. */
const farewellMs = 2000;

/** `extensions.subscription` of a request that asks to be called back. */
const Asked = z.object({
  callbackUrl: z.url({ protocol: /^https?$/ }).max(2048),
  subscriptionId: z.string().min(1).max(255),
  verifier: z.string().min(1).max(1024),
  /** 0 for none. */
  heartbeatIntervalMs: z.number().min(0).default(5000),
});

type Errors = readonly GraphQLFormattedError[];

interface Running {
  readonly subscription: CallbackSubscription;
  /** Breaks off the call that runs. */
  readonly cutOff: AbortController;
  /** Resolved once it has ended; it never rejects. */
  readonly over: Promise<void>;
}

/**
 * Subscriptions whose events are sent to a router by HTTP, in Apollo's protocol
 * (https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol, `callback/1.0`).
 * Only origins that the operator names are called. One lives no longer than the token that it was begun with.
 */
export class GraphqlCallbacks {
  /** By caller, then by what the router calls it: whether it could begin. What has ended is not in it. */
  private readonly begun = new Map<string, Map<string, Promise<Errors>>>();
  private count = 0;
  private readonly running = new Set<Running>();
  /** Of those whose router has not confirmed them yet. */
  private readonly beginning = new Set<AbortController>();
  private isStopping = false;

  constructor(
    private readonly graph: Pick<ServedGraph<never>, "subscribe" | "showError">,
    private readonly fetch: EgressFetch,
    private readonly origins: readonly string[],
    private readonly log: Logger,
  ) {}

  /**
   * Begins one, once its router has confirmed it. A router that asks for the same again has it once.
   *
   * @param asked `extensions.subscription`, as it came
   * @returns why it cannot be; nothing when it runs
   */
  async begin(args: ExecutionArgs, caller: CallerToken | IntegrationError, asked: unknown): Promise<Errors> {
    try {
      if (isIntegrationError(caller)) throw caller;
      const { heartbeatIntervalMs, ...target } = this.read(asked);
      const owner = JSON.stringify([caller.tenantId, caller.userId]);
      const own = this.begun.get(owner) ?? new Map<string, Promise<Errors>>();
      const key = JSON.stringify(target);
      const known = own.get(key);
      if (known) return await known;

      this.admitOneMore(own.size);
      this.begun.set(owner, own);
      this.count += 1;
      const leave = () => {
        own.delete(key);
        this.count -= 1;
        if (own.size === 0 && this.begun.get(owner) === own) this.begun.delete(owner);
      };
      const beginning = this.start(args, caller, target, heartbeatOf(heartbeatIntervalMs), leave)
        .catch((error: unknown) => [error])
        .then((errors) => errors.map(this.graph.showError));
      own.set(key, beginning);
      const errors = await beginning;
      if (errors.length > 0) leave();
      return errors;
    } catch (error) {
      return [this.graph.showError(error)];
    }
  }

  /** Ends all of them, so that their clients come back to another process, and lets none begin. */
  async stop(): Promise<void> {
    this.isStopping = true;
    for (const cutOff of this.beginning) cutOff.abort();
    const all = [...this.running];
    for (const { subscription } of all) subscription.endWith(stopping());
    const hurry = setTimeout(() => {
      for (const { cutOff } of all) cutOff.abort();
    }, farewellMs);
    await Promise.all(all.map(({ over }) => over));
    clearTimeout(hurry);
  }

  private read(asked: unknown): z.output<typeof Asked> {
    const { success, data, error } = Asked.safeParse(asked);
    if (!success) {
      const field = ["extensions", "subscription", ...(error.issues[0]?.path ?? []).map(String)];
      throw new IntegrationError("INVALID_INPUT", "The callback is not described as callback/1.0 has it", { field });
    }
    if (this.origins.length === 0) {
      throw new IntegrationError("NOT_CONFIGURED", "No router may be called back for subscriptions", {
        remedy: "The operator has to name the router's origin in SUBSCRIPTION_CALLBACK_ORIGINS; WebSockets need none.",
      });
    }
    const { origin } = new URL(data.callbackUrl);
    if (this.origins.includes(origin)) return data;
    throw new IntegrationError("EGRESS_REFUSED", `${origin} is not called back for subscriptions`, {
      field: ["extensions", "subscription", "callbackUrl"],
      remedy: "The operator has to name the router's origin in SUBSCRIPTION_CALLBACK_ORIGINS.",
    });
  }

  private admitOneMore(ofCaller: number): void {
    if (this.isStopping) throw stopping();
    if (ofCaller >= maxPerCaller) {
      throw new IntegrationError(
        "RATE_LIMITED",
        `One user has at most ${maxPerCaller} subscriptions by callback at a time`,
      );
    }
    if (this.count >= maxPerProcess) {
      throw new IntegrationError("RATE_LIMITED", "This process has as many subscriptions by callback as it takes");
    }
  }

  /** @returns why it cannot be; otherwise it calls `leave` when it has ended */
  private async start(
    args: ExecutionArgs,
    caller: CallerToken,
    target: CallbackTarget,
    heartbeatMs: number,
    leave: () => void,
  ): Promise<readonly unknown[]> {
    const results = await this.graph.subscribe(args);
    if (!("next" in results)) return results.errors ?? [];
    const cutOff = new AbortController();
    const receiver = new CallbackReceiver(this.fetch, target, cutOff.signal);
    const subscription = new CallbackSubscription(results, receiver, this.graph.showError, heartbeatMs);
    this.beginning.add(cutOff);
    const confirmed = await subscription.check({ isFirst: true });
    this.beginning.delete(cutOff);
    if (!confirmed.isTaken || this.isStopping) {
      await results.return?.();
      return [confirmed.isTaken || this.isStopping ? stopping() : notConfirmed(confirmed.why)];
    }
    const { origin } = new URL(target.callbackUrl);
    const forgetExpiry = atExpiry(caller, () => subscription.endWith(expired()));
    const over = subscription
      .run()
      .then(
        (why) => why !== null && this.log.info({ router: origin, why }, "a router no longer takes a subscription"),
        (error: unknown) => this.log.error({ err: error, router: origin }, "a subscription by callback broke"),
      )
      .then(() => {
        forgetExpiry();
        this.running.delete(running);
        leave();
      });
    const running = { subscription, cutOff, over };
    this.running.add(running);
    return [];
  }
}

/** Twice as often as asked: routers end a subscription as soon as one is late. */
function heartbeatOf(askedMs: number): number {
  return askedMs === 0 ? 0 : Math.min(Math.max(askedMs / 2, shortestHeartbeatMs), longestHeartbeatMs);
}

function notConfirmed(why: string): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", `The router did not confirm the subscription: ${why}`, {
    field: ["extensions", "subscription", "callbackUrl"],
    remedy: "Check the address under which the router says that it can be called back.",
  });
}

function stopping(): IntegrationError {
  return new IntegrationError("PROVIDER_UNAVAILABLE", "This process is stopping", {
    retryable: true,
    remedy: "Subscribe again with the cursor of the last event; nothing is lost.",
  });
}

function expired(): IntegrationError {
  return new IntegrationError("UNAUTHENTICATED", "The access token has expired", {
    remedy: "Subscribe again with a new token and the cursor of the last event.",
  });
}
