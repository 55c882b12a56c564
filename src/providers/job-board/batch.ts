import type { IntegrationError } from "../../errors.ts";
import type { AccountSettings } from "../provider.ts";
import type { BoardPosting } from "./provider.ts";

/** A mail as a board wants it. */
export interface BatchMail {
  readonly to: string;
  /** Where people at the board answer to. */
  readonly replyTo: string;
  readonly subject: string;
  /** With a place for the login where the board wants one: `Credentials.fillIn` writes it there. */
  readonly text: string;
  readonly attachment: { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array };
}

export interface ComposedBatch {
  readonly mail: BatchMail;
  /** Postings that are not in it although they should be, by id, and why. */
  readonly refused: ReadonlyMap<string, IntegrationError>;
}

/** How a board takes all open jobs of an account at once. What is not among them goes off the board. */
export interface BoardBatch {
  /** An account sends no second mail sooner. */
  readonly everySeconds: number;
  /**
   * The mail with all jobs that are to stand at the board; the same bytes for the same jobs. Where not all have room, the first
   * ones have it. Calls nothing.
   *
   * @param postings those that stand there longest come first
   */
  compose(settings: AccountSettings, postings: readonly BoardPosting[]): Promise<ComposedBatch>;
}
