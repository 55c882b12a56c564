import { IntegrationError } from "../errors.ts";
import type { CalendarProvider } from "../providers/calendar/provider.ts";
import type { OAuth, OAuthEndpoints } from "../providers/oauth.ts";
import type { AccountSettings, CredentialField } from "../providers/provider.ts";
import type { OAuthClient, TokenEndpoint, TokenEndpointOptions } from "../providers/token-endpoint.ts";

/** What the operator has set for one provider; null where the provider's own is right. */
export interface OperatorSettings {
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  readonly apiUrl: string | null;
  readonly authorizationUrl: string | null;
  readonly tokenUrl: string | null;
  readonly revocationUrl: string | null;
  /** What our registration may ask for. */
  readonly scopes: readonly string[] | null;
}

/** Makes token endpoints on the guarded way out; built in `app.ts`. */
export type OpenTokenEndpoint = (
  options: Pick<
    TokenEndpointOptions,
    "vendor" | "auth" | "client" | "authorizationUrl" | "tokenUrl" | "revocationUrl"
  > & {
    readonly provider: string;
  },
) => TokenEndpoint;

/** A provider that people sign in to at its own consent page. */
export type OAuthProvider = Pick<CalendarProvider, "id" | "name" | "errorCodeIn" | "withPassword"> & {
  readonly auth: OAuth<unknown>;
};

/** Our registrations at the vendors, and where the vendors are. */
export class OAuthApps {
  constructor(
    private readonly settings: ReadonlyMap<string, OperatorSettings>,
    private readonly openEndpoint: OpenTokenEndpoint,
  ) {}

  /** Why nobody can sign in at this provider here; null when everybody can. */
  missing({ id, auth }: OAuthProvider): string | null {
    const set = this.settings.get(id);
    const needed = auth.clientAuthentication === "none" ? ["CLIENT_ID"] : ["CLIENT_ID", "CLIENT_SECRET"];
    const given = { CLIENT_ID: set?.clientId, CLIENT_SECRET: set?.clientSecret };
    const names = needed.filter((name) => !given[name as keyof typeof given]).map((name) => `${id}_${name}`);
    return names.length === 0 ? null : `The operator has to set ${names.join(" and ")}.`;
  }

  /** @throws {IntegrationError} NOT_CONFIGURED */
  client(provider: OAuthProvider): OAuthClient {
    const reason = this.missing(provider);
    const set = this.settings.get(provider.id);
    if (reason !== null || !set?.clientId) {
      throw new IntegrationError("NOT_CONFIGURED", `${provider.name} is not set up in this installation`, {
        ...(reason !== null && { remedy: [reason, ...otherWay(provider)].join(" ") }),
      });
    }
    return { id: set.clientId, secret: provider.auth.clientAuthentication === "none" ? null : set.clientSecret };
  }

  /** Where the server is when nobody enters its address; null when people have to. */
  serverUrl({ id, auth }: Pick<CalendarProvider, "id" | "auth">): string | null {
    if (auth.kind !== "credentials") return null;
    return this.settings.get(id)?.apiUrl ?? auth.serverUrl ?? null;
  }

  /** What people are asked for here: the address of a server that the operator has named may be left out. */
  fields(provider: Pick<CalendarProvider, "id" | "auth">): readonly CredentialField[] {
    const isKnown = this.serverUrl(provider) !== null;
    return provider.auth.fields.map((field) =>
      isKnown && field.name === "serverUrl" ? { ...field, required: false } : field,
    );
  }

  /** What people are asked to allow. */
  scopes({ id, auth }: Pick<OAuthProvider, "id" | "auth">): readonly string[] {
    return this.settings.get(id)?.scopes ?? auth.scopes;
  }

  /** The vendor's own addresses, or where the operator has moved them. */
  endpoints({ id, auth }: OAuthProvider, accountSettings: AccountSettings): OAuthEndpoints {
    const own = auth.endpoints(accountSettings);
    const set = this.settings.get(id);
    const moved = (address: string | null | undefined) =>
      address ? (auth.relocate?.(address, accountSettings) ?? address) : null;
    const tokenUrl = moved(set?.tokenUrl);
    return {
      authorizationUrl: set?.authorizationUrl ?? own.authorizationUrl,
      tokenUrl: tokenUrl ?? own.tokenUrl,
      revocationUrl: own.revocationUrl && (moved(set?.revocationUrl) ?? besideTokens(own.revocationUrl, tokenUrl)),
      apiUrl: moved(set?.apiUrl) ?? own.apiUrl,
    };
  }

  /** @throws {IntegrationError} NOT_CONFIGURED */
  tokenEndpoint(provider: OAuthProvider, accountSettings: AccountSettings): TokenEndpoint {
    const { apiUrl: _, ...urls } = this.endpoints(provider, accountSettings);
    const { id, name: vendor, auth } = provider;
    return this.openEndpoint({ provider: id, vendor, auth, client: this.client(provider), ...urls });
  }
}

function otherWay({ withPassword }: OAuthProvider): readonly string[] {
  if (!withPassword) return [];
  const fields = withPassword.auth.fields.map(({ name, label }) => `${name} (${label})`);
  return [`Until then connect with credentials: ${fields.join(" and ")}.`];
}

/**
 * Where nothing else is said, a moved token endpoint takes revocation along, as its sibling: what a stand-in gave must not
 * be sent to the vendor.
 */
function besideTokens(own: string, movedTokenUrl: string | null): string {
  if (movedTokenUrl === null) return own;
  return new URL(new URL(own).pathname.split("/").at(-1) ?? "", movedTokenUrl).href;
}
