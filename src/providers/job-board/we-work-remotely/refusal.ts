import * as z from "zod";
import { IntegrationError } from "../../../errors.ts";
import { textOf } from "../description.ts";

const longestMessage = 300;
/** A 403 may mean the token, the day's requests or the money; only its words tell. */
const aboutMoney = /pay|credit|balance|billing|posts? left/i;
const aboutRate = /rate limit|too many|requests/i;

const Problem = z.union([
  z.string(),
  z
    .looseObject({ field: z.string().optional(), message: z.string().optional() })
    .transform(({ field = "", message = "" }) => `${field} ${message}`.trim()),
]);

// Clients are told their mistakes in JSON, says https://weworkremotely.com/api, and not in which.
const Refusal = z.looseObject({
  message: z.string().optional().catch(undefined),
  error: z.string().optional().catch(undefined),
  errors: z
    .union([z.array(Problem), z.record(z.string(), z.union([z.string(), z.array(z.string())])).transform(linesOf)])
    .optional()
    .catch(undefined),
});

/** Our error for a status of We Work Remotely's that `account.fetch` leaves to us. */
export function explain(status: number, text: string): IntegrationError {
  const providerCode = `HTTP ${status}`;
  const words = wordsOf(text).slice(0, longestMessage);
  if (status === 402 || (status === 403 && aboutMoney.test(words))) {
    return new IntegrationError("QUOTA_EXHAUSTED", `We Work Remotely wants to be paid first: ${words}`, {
      providerCode,
      remedy: "Settle it with We Work Remotely, or buy more posts there.",
    });
  }
  if (status === 403 && aboutRate.test(words)) {
    return new IntegrationError("RATE_LIMITED", "We Work Remotely takes no more requests today", { providerCode });
  }
  switch (status) {
    case 403:
      return new IntegrationError("FORBIDDEN", `We Work Remotely does not allow this: ${words}`, {
        providerCode,
        remedy: "Ask We Work Remotely what the token may do.",
      });
    case 404:
    case 405:
    case 410:
      return new IntegrationError("NOT_FOUND", "We Work Remotely has nothing there", { providerCode });
    default:
      return new IntegrationError("PROVIDER_REFUSED", `We Work Remotely does not take this: ${words}`, {
        providerCode,
        remedy: "Change what We Work Remotely names, and send it again.",
      });
  }
}

/** For an answer that its page does not describe. */
export function unreadable(what: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `We Work Remotely answered with ${what}`);
}

/** What a refusal says, whether it is JSON of some kind or text. */
function wordsOf(text: string): string {
  return messagesIn(text) || textOf(text).replaceAll("\n", "; ");
}

/** Of JSON with a message, mistakes by their field, or both; empty for everything else. */
function messagesIn(text: string): string {
  try {
    const { message, error, errors = [] } = Refusal.parse(JSON.parse(text));
    return [message, error, ...errors].filter(Boolean).join("; ");
  } catch {
    return "";
  }
}

function linesOf(errors: Readonly<Record<string, string | string[]>>): readonly string[] {
  return Object.entries(errors).map(([field, says]) => `${field} ${[says].flat().join(", ")}`);
}
