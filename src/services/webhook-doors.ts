import { IntegrationError, isIntegrationError } from "../errors.ts";
import { type Provider, providers } from "../providers/registry.ts";
import type { BoardInbox, WebhookAnswer } from "./board-inbox.ts";
import type { Inbox } from "./inbox.ts";
import { addressName } from "./provider-catalogue.ts";

export type { WebhookAnswer } from "./board-inbox.ts";

/** A request at `/webhooks/{provider}/{token}`. */
export interface WebhookRequest {
  readonly method: "GET" | "POST";
  /** Names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** The bytes as they came. */
  readonly body: Buffer;
}

/** What a vendor is answered that only asks whether somebody is here. */
export type Greeting = string;

const maxBytes = { CALENDAR: 256 * 1024, JOB_BOARD: 24 * 1024 * 1024 } as const satisfies Record<
  Provider["kind"],
  number
>;
/** The most that any vendor may send. */
export const mostBytes = Math.max(...Object.values(maxBytes));

const accepted: WebhookAnswer = { status: 202, body: null };
const tooLarge: WebhookAnswer = { status: 413, body: { errorCode: "INVALID_INPUT" } };
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
  async receive(name: string, token: string, request: WebhookRequest): Promise<WebhookAnswer | Greeting> {
    const provider = providers.find(({ id }) => addressName(id) === name);
    if (!provider) return nothingHere;
    if (request.body.length > maxBytes[provider.kind]) return tooLarge;
    if (provider.kind === "JOB_BOARD") {
      const answer =
        request.method === "GET"
          ? this.boards.greet(provider, token, request.query)
          : this.boards.receive(provider, token, request);
      // Who is not who they say they are may say it again in another way.
      return answer.catch(refusedAs({ NOT_FOUND: 404, FORBIDDEN: 401, PROVIDER_REPLY_INVALID: 422 }));
    }
    if (request.method === "GET") return nothingHere;
    const message = { ...request, body: request.body.toString("utf8") };
    const greeting = this.calendars.receive(name, token, message).then((says) => says ?? accepted);
    // 4xx tells a vendor to stop.
    return greeting.catch(refusedAs({ NOT_FOUND: 404, FORBIDDEN: 403 }));
  }
}

type Statuses = Partial<Record<IntegrationError["code"], number>>;

function refusedAs(statuses: Statuses): (error: unknown) => WebhookAnswer {
  return (error) => {
    const status = isIntegrationError(error) ? statuses[error.code] : undefined;
    if (!(error instanceof IntegrationError) || status === undefined) throw error;
    return { status, body: { errorCode: error.code, additionalErrorDetails: error.message } };
  };
}
