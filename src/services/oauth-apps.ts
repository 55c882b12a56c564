import { IntegrationError, isIntegrationError } from "../errors.ts";
import type { AccountFetchFor, AccountGrant } from "../providers/account-fetch.ts";
import type { ClientCredentials } from "../providers/client-credentials.ts";
import type { OAuth, OAuthEndpoints, TokenAddresses } from "../providers/oauth.ts";
import type {
  AccountSettings,
  CredentialField,
  Credentials,
  ProvenSecret,
  ProviderAuth,
} from "../providers/provider.ts";
import type { Provider } from "../providers/registry.ts";
import {
  clientRefused,
  type OAuthClient,
  type TokenEndpoint,
  type TokenEndpointOptions,
} from "../providers/token-endpoint.ts";

/** What the operator has set for one provider; null where the provider's own is right. */
export interface OperatorSettings {
  readonly clientId: string | null;
  readonly clientSecret: string | null;
  /** A key for everybody, where a provider has such ({@link Credentials.takesOperatorKey}). */
  readonly apiKey: string | null;
  /** By which a board knows us where candidates apply there. */
  readonly applyToken: string | null;
  /** With which a board signs its messages. */
  readonly signingKey: string | null;
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

type Registered = Pick<Provider, "id" | "name" | "errorCodeIn" | "statusIn" | "withPassword" | "partnership">;

/** A provider that people sign in to at its own consent page. */
export type OAuthProvider = Registered & { readonly auth: OAuth<unknown> };

/** A provider, by how people sign in. */
interface SignedInTo {
  readonly id: string;
  readonly auth: ProviderAuth<unknown>;
}

/** A provider that people sign in to with a form. */
type FormProvider<Proven = unknown> = Pick<Provider, "id" | "name"> & { readonly auth: Credentials<Proven> };

/** A provider whose accounts are opened with access tokens. */
export type TokenProvider = Registered & { readonly auth: OAuth<unknown> | ClientCredentials<unknown> };

/** Our registrations at the vendors, and where the vendors are. */
export class OAuthApps {
  constructor(
    private readonly settings: ReadonlyMap<string, OperatorSettings>,
    private readonly openEndpoint: OpenTokenEndpoint,
  ) {}

  /** Why nobody can sign in at this provider here, in whichever way; null when everybody can. */
  missingOf({
    auth,
    ...provider
  }: Pick<Provider, "id" | "name" | "auth" | "partnership" | "unavailable">): string | null {
    if (auth.kind !== "credentials") return this.missing({ ...provider, auth });
    const { id, unavailable } = provider;
    if (unavailable === undefined || this.serverUrl({ id, auth }) !== null) return null;
    return `${unavailable} Who knows better names its server in ${id}_BASE_URL.`;
  }

  /** @throws {IntegrationError} NOT_CONFIGURED where nobody can be sent to the vendor as things stand */
  requireAvailable(provider: Parameters<OAuthApps["missingOf"]>[0]): void {
    if (provider.unavailable === undefined) return;
    const reason = this.missingOf(provider);
    if (reason === null) return;
    throw new IntegrationError("NOT_CONFIGURED", `${provider.name} cannot be connected here`, { remedy: reason });
  }

  /** The same for a provider that needs a registration of ours. */
  missing({ id, auth, partnership }: TokenProvider): string | null {
    const set = this.settings.get(id);
    const needed = auth.clientAuthentication === "none" ? ["CLIENT_ID"] : ["CLIENT_ID", "CLIENT_SECRET"];
    const given = { CLIENT_ID: set?.clientId, CLIENT_SECRET: set?.clientSecret };
    const names = needed.filter((name) => !given[name as keyof typeof given]).map((name) => `${id}_${name}`);
    if (names.length === 0) return null;
    return [partnership, `The operator has to set ${names.join(" and ")}.`].filter(Boolean).join(" ");
  }

  /** @throws {IntegrationError} NOT_CONFIGURED */
  client(provider: TokenProvider): OAuthClient {
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
  serverUrl({ id, auth }: SignedInTo): string | null {
    if (auth.kind !== "credentials") return null;
    return this.settings.get(id)?.apiUrl ?? auth.serverUrl ?? null;
  }

  /** What people are asked for here: the address of a server that the operator has named may be left out, and so may a key. */
  fields(provider: SignedInTo): readonly CredentialField[] {
    const known = new Set<string>();
    if (this.serverUrl(provider) !== null) known.add("serverUrl");
    if (this.operatorKey(provider) !== null) known.add("apiKey");
    return provider.auth.fields.map((field) => (known.has(field.name) ? { ...field, required: false } : field));
  }

  /**
   * Proves what was entered, by the operator's key where nobody entered one.
   *
   * @throws {IntegrationError} as {@link Credentials.connect}; NOT_CONFIGURED when it is the operator's key that is refused
   */
  async prove<Proven>(
    provider: FormProvider<Proven>,
    values: Readonly<Record<string, string>>,
    open: AccountFetchFor,
  ): Promise<Proven & ProvenSecret> {
    const key = this.keyFor(provider, values);
    if (key === null) return provider.auth.connect(values, open);
    try {
      const proven = await provider.auth.connect({ ...values, apiKey: key }, open);
      const { apiKey: _, ...secret } = proven.secret;
      return { ...proven, secret };
    } catch (error) {
      throw isIntegrationError(error, "CREDENTIALS_REJECTED") ? keyRefused(provider) : error;
    }
  }

  /** What goes with each call of an account: its own secret, or the operator's key. */
  authorization(provider: FormProvider, secret: Readonly<Record<string, string>>): AccountGrant["authorization"] {
    const key = this.keyFor(provider, secret);
    if (key === null) return provider.auth.authorization(secret);
    const header = provider.auth.authorization({ ...secret, apiKey: key });
    if (header === null) return null;
    return {
      current: () => Promise.resolve(header),
      renewed: () => Promise.reject(keyRefused(provider)),
    };
  }

  /** The operator's key, for who has none; null for who has. */
  private keyFor(provider: FormProvider, { apiKey = "" }: Readonly<Record<string, string>>): string | null {
    return apiKey === "" ? this.operatorKey(provider) : null;
  }

  private operatorKey({ id, auth }: SignedInTo): string | null {
    if (auth.kind !== "credentials" || !auth.takesOperatorKey) return null;
    return this.settings.get(id)?.apiKey ?? null;
  }

  /** What people are asked to allow. */
  scopes({ id, auth }: Pick<OAuthProvider, "id" | "auth">): readonly string[] {
    return this.settings.get(id)?.scopes ?? auth.scopes;
  }

  /** Where tokens come from and go to. */
  addresses({ auth, ...provider }: TokenProvider, accountSettings: AccountSettings): TokenAddresses {
    if (auth.kind !== "clientCredentials") return this.endpoints({ ...provider, auth }, accountSettings);
    const set = this.settings.get(provider.id);
    const own = auth.endpoints(accountSettings);
    return { tokenUrl: set?.tokenUrl ?? own.tokenUrl, apiUrl: set?.apiUrl ?? own.apiUrl };
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

  /**
   * @param client the operator's registration when it is left out
   * @throws {IntegrationError} NOT_CONFIGURED
   */
  tokenEndpoint(
    { auth, ...provider }: TokenProvider,
    accountSettings: AccountSettings,
    client: OAuthClient = this.client({ ...provider, auth }),
  ): TokenEndpoint {
    const { id, name: vendor } = provider;
    const about = { provider: id, vendor, auth, client };
    if (auth.kind === "clientCredentials") {
      const { tokenUrl } = this.addresses({ ...provider, auth }, accountSettings);
      return this.openEndpoint({ ...about, tokenUrl, authorizationUrl: null, revocationUrl: null });
    }
    const { apiUrl: _, ...urls } = this.endpoints({ ...provider, auth }, accountSettings);
    return this.openEndpoint({ ...about, ...urls });
  }
}

function keyRefused({ id, name }: FormProvider): IntegrationError {
  return clientRefused(name, "HTTP 401", `The operator has to check ${id}_API_KEY.`);
}

function otherWay({ withPassword }: Registered): readonly string[] {
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
