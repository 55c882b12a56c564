import { Courier, type CourierOptions, type StoredDelivery } from "../job-boards/courier.ts";
import type { PushAnswer } from "../push.ts";
import { type Apps, parentApp } from "./apps.ts";
import { escapeUnicode, signatureOf } from "./signature.ts";
import type { LinkedInState } from "./state.ts";
import type { LinkedInSwitches } from "./switches.ts";

interface LinkedInCourierOptions extends Pick<CourierOptions, "faults" | "now"> {
  readonly apps: Apps;
  /** Told what a webhook says, each time. */
  readonly onAnswer: (answer: PushAnswer, delivery: StoredDelivery) => void;
}

/** Brings messages to webhooks, signed by the application that they are for, again where they do not say 200. */
export function createCourier(
  state: LinkedInState,
  switches: LinkedInSwitches,
  { faults, now, apps, onAnswer }: LinkedInCourierOptions,
): Courier {
  const secretFor = ({ id }: StoredDelivery): string => {
    // Job applications are for a child, everything else is for the parent.
    const app = apps.withClientId(state.applications.get(id)?.clientId ?? parentApp.clientId);
    return app?.clientSecret ?? "";
  };
  return new Courier(() => state.deliveries, {
    faults,
    now,
    headersFor: (delivery) => {
      const signature = signatureOf(escapeUnicode(delivery.body, switches.escapeDigits), secretFor(delivery));
      return { "x-li-signature": switches.signaturePrefix ? `hmacsha256=${signature}` : signature };
    },
    heard: (answer, delivery) => {
      onAnswer(answer, delivery);
      return answer.status === 200 ? "delivered" : "waiting";
    },
    retryAfterSeconds: () => Array<number>(switches.resends).fill(switches.resendDelayMs / 1000),
  });
}

/** A message as it is sent. */
export function bodyOf(payload: object, { sentAs, escapeDigits }: LinkedInSwitches): string {
  const json = JSON.stringify(payload);
  return sentAs === "escaped" ? escapeUnicode(json, escapeDigits) : json;
}
