import type { CalendarProvider } from "../../src/providers/calendar/provider.ts";
import type { NewAccount } from "../drill/stored-accounts.ts";
import type { Service } from "./service.ts";

/** A vendor, real or a twin, with room for many accounts. */
export interface Vendor {
  /** For people: `google-calendar`, `radicale`. */
  readonly name: string;
  readonly provider: CalendarProvider;
  /** How long its listings may leave out what was written. */
  readonly shownAfterMs?: number;
  /** An account of its own, with an empty calendar in it. */
  open(name: string, service: Service): Promise<VendorCalendar>;
}

/** One calendar at the vendor, past this service. */
export interface VendorCalendar {
  readonly externalId: string;
  readonly account: NewAccount;
  readonly others: OtherClient;
  /** The vendor no longer knows what it told this service before. */
  forgetCursors?(): void;
}

/** What somebody else's program does in the same calendar. `id` is what the provider calls externalId. */
export interface OtherClient {
  create(event: { readonly title: string; readonly location: string; readonly day: number }): Promise<void>;
  retitle(id: string, title: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** Puts something on an event that this service has no word for. */
  decorate(id: string): Promise<void>;
  isDecorated(id: string): Promise<boolean>;
  /** Everything that is there, without its changed occurrences. */
  list(): Promise<readonly Listed[]>;
}

export interface Listed {
  readonly title: string;
  readonly location: string;
}
