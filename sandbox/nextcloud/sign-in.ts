import { setTimeout as delay } from "node:timers/promises";
import { type AppPasswords, basicCredentials } from "../caldav/app-passwords.ts";
import type { CalDavState, StoredHome } from "../caldav/state.ts";
import type { BruteForce } from "./brute-force.ts";
import type { NextcloudSwitches } from "./switches.ts";

export interface Account {
  readonly loginName: string;
  readonly password: string;
}

export interface SignedIn {
  readonly home: StoredHome;
  /** Null for the account's own password. */
  readonly appPassword: string | null;
}

/** Who somebody is by user name and password; the name may be the user id, the login name, or the mail address. */
export class SignIn {
  constructor(
    /** By user id. */
    private readonly accounts: ReadonlyMap<string, Account>,
    private readonly calDav: CalDavState,
    private readonly passwords: AppPasswords,
    private readonly bruteForce: BruteForce,
    private readonly switches: NextcloudSwitches,
  ) {}

  /** @returns `shut` while every login is refused; null without a login, or for a wrong one */
  async of(headers: Readonly<Record<string, string>>): Promise<SignedIn | "shut" | null> {
    const shown = basicCredentials(headers);
    if (!shown) return null;
    const { bruteForceProtection, delaysBadLogins } = this.switches;
    if (bruteForceProtection && this.bruteForce.isShut) return "shut";
    const username = shown.username.toLowerCase();
    const found = this.holder(username, shown.password);
    if (found) {
      this.bruteForce.succeeded(username);
      return found;
    }
    this.bruteForce.failed(username);
    if (delaysBadLogins) await delay(this.bruteForce.delayMs);
    return null;
  }

  private holder(username: string, password: string): SignedIn | null {
    for (const home of this.calDav.homes.values()) {
      const account = this.accounts.get(home.id);
      const names = [home.id, home.email, account?.loginName ?? ""];
      if (!account || !names.some((name) => name.toLowerCase() === username)) continue;
      if (this.passwords.find(password)?.email === home.email) return { home, appPassword: password };
      if (this.switches.takesAccountPasswords && account.password === password) return { home, appPassword: null };
    }
    return null;
  }
}
