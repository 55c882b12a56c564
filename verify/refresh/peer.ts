import type { IncomingMessage, ServerResponse } from "node:http";
import type { Issuer } from "../drill/issuer.ts";
import { serveOnLoopback } from "../drill/loopback-server.ts";
import type { DrillVendor } from "../drill/service.ts";

/** Where a request is stopped: before the vendor has done anything, or when only its answer is missing. */
export type HoldMoment = "unprocessed" | "unanswered";

export interface PeerOptions extends Pick<DrillVendor, "id" | "name" | "reuse" | "client"> {
  createIssuer(origin: string): Issuer | Promise<Issuer>;
}

/** A vendor's token endpoint over HTTP that counts what arrives, and can be stopped in the middle of a request. */
export class Peer {
  /** Requests that reached the token endpoint, answered or not. */
  arrived = 0;
  private hold: { readonly moment: HoldMoment; tell(userAgent: string): void } | null = null;

  private constructor(
    readonly vendor: DrillVendor,
    readonly issuer: Issuer,
    readonly close: () => Promise<void>,
  ) {}

  static async start({ createIssuer, ...vendor }: PeerOptions): Promise<Peer> {
    let peer: Peer | undefined;
    let issuer: Issuer | undefined;
    const { origin, close } = await serveOnLoopback(async (origin) => {
      issuer = await createIssuer(origin);
      return (request, response) => peer?.receive(request, response);
    });
    if (!issuer) throw new Error("There is no issuer");
    peer = new Peer({ ...vendor, origin }, issuer, close);
    return peer;
  }

  /** Stops the next request there and never answers it. @returns the user agent that it came from, once it is there */
  holdNext(moment: HoldMoment): Promise<string> {
    return new Promise((tell) => {
      this.hold = { moment, tell };
    });
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    this.arrived += 1;
    const { hold } = this;
    this.hold = null;
    const tell = () => hold?.tell(request.headers["user-agent"] ?? "");
    if (hold?.moment === "unprocessed") {
      tell();
      return;
    }
    if (hold?.moment === "unanswered") {
      // All work is done once the answer is to be sent.
      response.end = () => {
        tell();
        return response;
      };
    }
    this.issuer.answer(request, response);
  }
}
