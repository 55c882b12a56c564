import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutionResult, GraphQLFormattedError } from "graphql";
import type { Logger } from "pino";
import * as z from "zod";
import { IntegrationError } from "../errors.ts";
import type { EgressFetch } from "../security/egress/egress-fetch.ts";

/** What a router says of itself in the extension `subscription` of a request; Hive Gateway writes it with underscores. */
const Extension = z
  .object({
    callbackUrl: z.string().optional(),
    callback_url: z.string().optional(),
    subscriptionId: z.string().optional(),
    subscription_id: z.string().optional(),
    verifier: z.string(),
    heartbeatIntervalMs: z.number().int().min(0).optional(),
    heartbeat_interval_ms: z.number().int().min(0).optional(),
  })
  .transform((said, context) => {
    const url = said.callbackUrl ?? said.callback_url;
    const id = said.subscriptionId ?? said.subscription_id;
    if (url !== undefined && id !== undefined && URL.canParse(url)) {
      const heartbeatMs = said.heartbeatIntervalMs ?? said.heartbeat_interval_ms ?? defaultHeartbeatMs;
      return { url, id, verifier: said.verifier, heartbeatMs };
    }
    context.addIssue({ code: "custom", message: "callbackUrl and subscriptionId are missing" });
    return z.NEVER;
  });

/** Where results go, and by what the router knows them. */
export type CallbackTarget = z.output<typeof Extension>;

export interface CallbackOptions {
  readonly fetch: EgressFetch;
  /** Routers that may be called: origins, as the operator configured them. */
  readonly origins: readonly string[];
  readonly log: Logger;
  showError(error: unknown): GraphQLFormattedError;
}

const protocol = "callback/1.0";
const defaultHeartbeatMs = 5_000;
const shortestHeartbeatMs = 1_000;
/** Of one process. */
const mostSubscriptions = 5_000;
const timeoutMs = 10_000;
/** How long a router may be away before a subscription is ended: clients come back with their last cursor. */
const retryDelaysMs = [100, 300, 1_000, 3_000, 5_000];
const maxTimerMs = 2 ** 31 - 1;

type Action = "check" | "next" | "complete";
type Results = AsyncIterableIterator<ExecutionResult>;

/** What a router answered: whether it goes on, or knows the subscription no more. */
type Answer = "on" | "over";

/**
 * Subscriptions for routers that want results brought to them: Apollo's HTTP callback protocol. A result waits until the one
 * before it was taken, so that nothing piles up here: a slow router is fed from the log at its own pace.
 *
 * @see https://www.apollographql.com/docs/graphos/routing/operations/subscriptions/callback-protocol
 */
export class GraphqlCallbacks {
  private readonly running = new Map<string, CallbackSubscription>();

  constructor(private readonly options: CallbackOptions) {}

  /**
   * Where a request wants its results; null when it does not ask for this.
   *
   * @throws {IntegrationError} INVALID_INPUT, EGRESS_REFUSED for a router that the operator did not name
   */
  targetOf(extensions: Readonly<Record<string, unknown>> | undefined): CallbackTarget | null {
    const said = extensions?.["subscription"];
    if (said === undefined) return null;
    const parsed = Extension.safeParse(said);
    if (!parsed.success) {
      throw new IntegrationError("INVALID_INPUT", "The extension `subscription` cannot be read", {
        remedy: "It needs callbackUrl, subscriptionId and verifier.",
      });
    }
    if (this.options.origins.includes(new URL(parsed.data.url).origin)) return parsed.data;
    throw new IntegrationError("EGRESS_REFUSED", "Results are not brought to this address", {
      remedy: "The operator has to name the router's origin in SUBSCRIPTION_CALLBACK_ORIGINS.",
    });
  }

  /**
   * Asks the router whether it is there, and then brings it the results until it has enough.
   *
   * @param begin starts the subscription
   * @param expiresAt when the caller's token is over, and the subscription with it; null for never
   * @returns why there is no subscription; null when there is one
   */
  async start(
    target: CallbackTarget,
    begin: () => Promise<Results | ExecutionResult>,
    expiresAt: Date | null,
  ): Promise<ExecutionResult | null> {
    const { fetch, log, showError } = this.options;
    if (this.running.size >= mostSubscriptions) throw tooMany();
    const router = new Router(fetch, target);
    if ((await router.say("check")) === "over") throw unwanted();
    const results = await begin();
    if (!(Symbol.asyncIterator in results)) return results;
    const subscription = new CallbackSubscription(router, results, showError, log);
    this.running.set(target.id, subscription);
    void subscription.run(expiresAt, target.heartbeatMs).finally(() => this.running.delete(target.id));
    return null;
  }

  /** Tells every router that this process ends; clients come back elsewhere, with their last cursor. */
  async stop(): Promise<void> {
    const running = [...this.running.values()];
    await Promise.all(running.map((subscription) => subscription.end(ending())));
  }
}

/** The other side of one subscription. */
class Router {
  constructor(
    private readonly fetch: EgressFetch,
    private readonly target: CallbackTarget,
  ) {}

  /**
   * Says it until it is heard.
   *
   * @throws {Error} when the router stays away for too long
   */
  async say(action: Action, more: object = {}): Promise<Answer> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await this.sayOnce(action, more);
      } catch (error) {
        const delayMs = retryDelaysMs[attempt];
        if (delayMs === undefined) throw error;
        await sleep(delayMs);
      }
    }
  }

  /** @throws {Error} when the router is not there */
  async sayOnce(action: Action, more: object): Promise<Answer> {
    const { url, id, verifier } = this.target;
    const reply = await this.fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", "subscription-protocol": protocol },
      body: JSON.stringify({ kind: "subscription", action, id, verifier, ...more }),
      redirect: "error",
      timeoutMs,
      firstBytes: { bytes: 0, withinMs: 0 },
    });
    if (reply.status >= 500) throw new Error(`The router answered HTTP ${reply.status}`);
    return reply.ok ? "on" : "over";
  }
}

class CallbackSubscription {
  private isOver = false;

  constructor(
    private readonly router: Router,
    private readonly results: Results,
    private readonly showError: (error: unknown) => GraphQLFormattedError,
    private readonly log: Logger,
  ) {}

  /** Until the router has enough or stays away, the token is over, or `end` is called. Never rejects. */
  async run(expiresAt: Date | null, heartbeatMs: number): Promise<void> {
    const expiry = expiresAt && setTimeout(() => void this.end(expired()), waitUntil(expiresAt)).unref();
    // Some routers give up after exactly this long without a message.
    const beatMs = Math.max(heartbeatMs * 0.8, shortestHeartbeatMs);
    const heartbeat = heartbeatMs > 0 ? setInterval(() => void this.beat(), beatMs).unref() : null;
    try {
      for await (const { data, errors } of this.results) {
        const payload = { data, ...(errors && { errors: errors.map(this.showError) }) };
        if (this.isOver || (await this.router.say("next", { payload })) === "over") break;
      }
      await this.end(null);
    } catch (error) {
      await this.end(error);
    } finally {
      if (expiry) clearTimeout(expiry);
      if (heartbeat) clearInterval(heartbeat);
    }
  }

  /** Ends it, and tells the router why; null when there is no more to come. */
  async end(error: unknown): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    await this.results.return?.();
    // Nobody waits for a router that is not there: it finds out by the silence.
    await this.router.sayOnce("complete", error === null ? {} : { errors: [this.showError(error)] }).catch(() => {});
  }

  private async beat(): Promise<void> {
    if (this.isOver) return;
    try {
      if ((await this.router.say("check")) === "on") return;
    } catch (error) {
      this.log.debug({ err: error }, "a router stayed away, and its subscription ends");
    }
    this.isOver = true;
    await this.results.return?.();
  }
}

/** A timer holds at most this; a token that lives longer outlives the process. */
const waitUntil = (time: Date) => Math.min(Math.max(time.getTime() - Date.now(), 0), maxTimerMs);

const expired = () => new IntegrationError("UNAUTHENTICATED", "The access token has expired");
const ending = () =>
  new IntegrationError("PROVIDER_UNAVAILABLE", "This process ends; subscribe again with the last cursor");
const tooMany = () =>
  new IntegrationError("RATE_LIMITED", `One process carries at most ${mostSubscriptions} subscriptions by callback`);
const unwanted = () =>
  new IntegrationError("INVALID_INPUT", "The router does not know of this subscription", {
    remedy: "Check its address for callbacks.",
  });
