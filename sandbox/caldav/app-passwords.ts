import { randomInt } from "node:crypto";

/** A password that a person made for one program. */
export interface AppPassword {
  readonly email: string;
  /** For people. */
  readonly label: string;
  /** What it opens; null opens everything. */
  readonly scope: string | null;
}

/** By their text: plain data. */
export type AppPasswordState = Map<string, AppPassword>;

/** The passwords of a vendor's accounts. */
export class AppPasswords {
  /** Every one that there ever was, for whoever looks for leaks. */
  readonly issued = new Set<string>();

  constructor(
    private readonly state: AppPasswordState,
    /** A new one, as the vendor writes them. */
    private readonly write: () => string,
  ) {}

  create(email: string, { label = "The recruiting platform", scope = null as string | null } = {}): string {
    const password = this.write();
    this.state.set(password, { email, label, scope });
    this.issued.add(password);
    return password;
  }

  find(password: string): AppPassword | undefined {
    return this.state.get(password);
  }

  of(email: string): readonly string[] {
    return [...this.state].filter(([, { email: owner }]) => owner === email).map(([password]) => password);
  }

  revoke(password: string): boolean {
    return this.state.delete(password);
  }

  revokeAll(email: string): void {
    for (const password of this.of(email)) this.state.delete(password);
  }
}

/** @param alphabet what each character is drawn from */
export function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join("");
}

/** What `Authorization: Basic` says (RFC 7617); null for anything else. */
export function basicCredentials(
  headers: Readonly<Record<string, string>>,
): { readonly username: string; readonly password: string } | null {
  const [, coded] = /^Basic\s+(\S+)$/i.exec(headers["authorization"] ?? "") ?? [];
  if (coded === undefined) return null;
  const text = Buffer.from(coded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return colon === -1 ? null : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
