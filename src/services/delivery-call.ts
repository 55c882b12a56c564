import type { Problem } from "../entities/problem.ts";
import type { WebhookEndpoint } from "../entities/webhook-endpoint.ts";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import { explainNetworkFailure } from "../providers/network-failure.ts";
import { readRetryAfter } from "../providers/retry-after.ts";
import type { EgressFetch } from "../security/egress/egress-fetch.ts";
import { type EndpointSecrets, signatures, signingNow } from "./endpoint-secrets.ts";
import { plainText } from "./plain-text.ts";
import { problemOf } from "./problem.ts";

/** The receiver has to answer within this; what it does with the message it does afterwards. */
const timeoutMs = 15_000;
/** Of the answer so much is kept, and waited for no longer. */
const firstBytes = { bytes: 1024, withinMs: 2_000 };

/** What came of one attempt. */
export interface AttemptOutcome {
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Null when nobody answered. */
  readonly status: number | null;
  readonly answer: string | null;
  /** Null when it was taken. */
  readonly problem: Problem | null;
  /** How long the receiver wants to be left alone. */
  readonly wishMs: number | null;
  /** The receiver wants nothing ever again (410). */
  readonly isGone: boolean;
  /** We ended it ourselves. */
  readonly isBrokenOff: boolean;
}

export type CallEndpoint = (
  endpoint: Pick<WebhookEndpoint, "url">,
  secrets: EndpointSecrets,
  message: { readonly id: string },
  signal?: AbortSignal,
) => Promise<AttemptOutcome>;

/** Sends a message to a customer's URL, signed as Standard Webhooks say, through the guarded way out. It never throws. */
export function createDeliveryCall(
  fetch: EgressFetch,
  userAgent: string,
  now: () => Date,
  observe: (call: { readonly outcome: string; readonly durationMs: number }) => void = () => {},
): CallEndpoint {
  return async ({ url }, secrets, message, signal) => {
    const startedAt = now();
    const begin = performance.now();
    const body = JSON.stringify(message);
    const seconds = Math.floor(startedAt.getTime() / 1000);
    const done = (outcome: Partial<AttemptOutcome>): AttemptOutcome => {
      const durationMs = Math.round(performance.now() - begin);
      observe({ outcome: outcome.problem?.code ?? "ok", durationMs });
      return {
        ...{
          startedAt,
          durationMs,
          status: null,
          answer: null,
          problem: null,
          wishMs: null,
          isGone: false,
          isBrokenOff: false,
        },
        ...outcome,
      };
    };
    try {
      const reply = await fetch(url, {
        method: "POST",
        headers: {
          ...secrets.headers,
          "content-type": "application/json; charset=utf-8",
          "user-agent": userAgent,
          "webhook-id": message.id,
          "webhook-timestamp": String(seconds),
          "webhook-signature": signatures(signingNow(secrets, startedAt), message.id, seconds, body),
        },
        body,
        redirect: "manual",
        timeoutMs,
        firstBytes,
        ...(signal && { signal }),
      });
      return done({
        status: reply.status,
        answer: withoutSecrets(plainText(await reply.text()), secrets),
        problem: reply.ok ? null : problemOf(refusalOf(reply)),
        wishMs: reply.ok ? null : (readRetryAfter(reply.headers.get("retry-after"), startedAt) ?? null),
        isGone: reply.status === 410,
      });
    } catch (error) {
      return done({ problem: problemOf(explained(error, url)), isBrokenOff: signal?.aborted === true });
    }
  };
}

function refusalOf({ status }: Response): IntegrationError {
  const providerCode = `HTTP ${status}`;
  if (status >= 300 && status < 400) {
    return new IntegrationError("PROVIDER_REFUSED", `The endpoint redirects (HTTP ${status}), which is not followed`, {
      remedy: "Set the endpoint's url to the address it redirects to.",
      providerCode,
    });
  }
  if (status === 410) {
    return new IntegrationError("PROVIDER_REFUSED", "The endpoint says that it is gone (HTTP 410)", {
      remedy: "Enable it again when it is back.",
      providerCode,
    });
  }
  return new IntegrationError("PROVIDER_UNAVAILABLE", `The endpoint answered HTTP ${status}`, {
    remedy: "It has to answer with a status from 200 to 299 within 15 seconds.",
    providerCode,
  });
}

function explained(error: unknown, url: string): unknown {
  return isIntegrationError(error) ? error : (explainNetworkFailure(error, new URL(url).host) ?? error);
}

const looksSecret = /whsec_[A-Za-z0-9+/=]+|\b(?:bearer|basic)\s+[\w.~+/=-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/** Receivers that echo what they get would bring our secrets into what people see. */
function withoutSecrets(answer: string, { signing, headers }: EndpointSecrets): string {
  const said = [...signing.map(({ secret }) => secret), ...Object.values(headers)].filter((text) => text !== "");
  const known = said
    .flatMap((text) => [text, JSON.stringify(text).slice(1, -1), text.replaceAll("/", "\\/")])
    // A shorter one may be part of a longer one.
    .sort((one, other) => other.length - one.length);
  const whole = withoutBegunSecret(answer, known);
  return known.reduce((text, secret) => text.replaceAll(secret, "***"), whole).replaceAll(looksSecret, "***");
}

/** Where the answer was cut off in the middle of one. */
function withoutBegunSecret(answer: string, known: readonly string[]): string {
  const tellingLength = 4;
  for (const secret of known) {
    for (let length = Math.min(secret.length, answer.length); length >= tellingLength; length -= 1) {
      if (answer.endsWith(secret.slice(0, length))) return `${answer.slice(0, -length)}***`;
    }
  }
  return answer;
}
