import { type ErrorCode, isIntegrationError } from "../errors.ts";
import { type Provider, providers } from "../providers/registry.ts";
import type { BoardInbox } from "./board-inbox.ts";
import type { Inbox } from "./inbox.ts";
import { addressName } from "./provider-catalogue.ts";
import { refused, type WebhookAnswer } from "./webhook-answer.ts";

/** A request at `/webhooks/{provider}/{token}`. */
export interface WebhookRequest {
  readonly method: string;
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly body: Buffer;
}

const maxBytes = { CALENDAR: 256 * 1024, JOB_BOARD: 24 * 1024 * 1024 } as const satisfies Record<
  Provider["kind"],
  number
>;
/** The most that any vendor may send. */
export const mostBytes = Math.max(...Object.values(maxBytes));

const accepted: WebhookAnswer = { status: 202, body: null };
const nothingHere: WebhookAnswer = { status: 404, body: null };

/** Where all vendors' messages come in, and what each is answered. */
export class WebhookDoors {
  constructor(
    private readonly calendars: Pick<Inbox, "receive">,
    private readonly boards: Pick<BoardInbox, "receive" | "greet">,
  ) {}

  /**
   * @param name the provider as in the address: `google-calendar`
   * @throws what went wrong on our side: the vendor is to send it again
   */
  async receive(name: string, token: string, request: WebhookRequest): Promise<WebhookAnswer> {
    const provider = providers.find(({ id }) => addressName(id) === name);
    if (!provider) return nothingHere;
    if (request.body.length > maxBytes[provider.kind]) {
      return refused(413, { code: "INVALID_INPUT", message: "The message is too large" });
    }
    const isQuestion = request.method !== "POST";
    if (provider.kind === "JOB_BOARD") {
      const answer = isQuestion
        ? this.boards.greet(provider, token, request.query)
        : this.boards.receive(provider, token, request);
      // Who is not who they say they are may say it again in another way.
      return answer.catch(refusedAs({ NOT_FOUND: 404, FORBIDDEN: 401, PROVIDER_REPLY_INVALID: 422 }));
    }
    if (isQuestion) return nothingHere;
    const message = { ...request, body: request.body.toString("utf8") };
    const greeting = this.calendars.receive(name, token, message);
    const answer = greeting.then((says) => (says === null ? accepted : { status: 200, body: says }));
    // 4xx tells a vendor to stop.
    return answer.catch(refusedAs({ NOT_FOUND: 404, FORBIDDEN: 403 }));
  }
}

function refusedAs(statuses: Partial<Record<ErrorCode, number>>): (error: unknown) => WebhookAnswer {
  return (error) => {
    const status = isIntegrationError(error) ? statuses[error.code] : undefined;
    if (!isIntegrationError(error) || status === undefined) throw error;
    return refused(status, error);
  };
}
