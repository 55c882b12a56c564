import { IntegrationError } from "../errors.ts";

/** The event changed since the caller read it, in a field that the caller changes too. Both versions are told. */
export class VersionConflict extends IntegrationError {
  constructor(
    /** Of the event as it is now; it may be gone. */
    readonly currentId: string,
    /** What the caller wanted it to be. */
    readonly attempted: Readonly<Record<string, unknown>>,
  ) {
    super("CONFLICT", "The calendar event was changed by somebody else meanwhile", {
      remedy: "Look at `current`, and repeat the change with its version if it is still wanted.",
    });
  }
}
