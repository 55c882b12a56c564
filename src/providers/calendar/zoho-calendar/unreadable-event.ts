import { IntegrationError } from "../../../errors.ts";

export const notAnEvent = "It is not an event as Zoho describes them";

/** One event that cannot be read, in an answer that can. The rest of a reading goes on without it. */
export class UnreadableEvent extends IntegrationError {
  constructor(reason: string) {
    super("PROVIDER_REPLY_INVALID", reason);
  }
}
