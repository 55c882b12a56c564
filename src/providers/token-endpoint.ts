import type http from "node:http";
import type https from "node:https";
import { type AccessToken, AuthorizationCode, ClientCredentials, type ModuleOptions } from "simple-oauth2";
import * as z from "zod";
import { IntegrationError, isIntegrationError } from "../errors.ts";
import { explainNetworkFailure } from "./network-failure.ts";
import type { OAuth } from "./oauth.ts";
import { readRetryAfter } from "./retry-after.ts";

/** What a token endpoint gave (RFC 6749 §5.1). */
export interface GrantedTokens {
  readonly accessToken: string;
  /** Null when the answer has none. */
  readonly refreshToken: string | null;
  /** Null when the answer does not say. Counted from when it was asked for. */
  readonly expiresInSeconds: number | null;
  /** Null when the answer does not say: then what was asked for is granted. */
  readonly scopes: readonly string[] | null;
  /** OpenID Connect's, when it was asked for. */
  readonly idToken: string | null;
  /** Everything else the vendor said, as it came. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** An error of the token endpoint (RFC 6749 §5.2), as the vendor worded it. */
export interface TokenErrorReply {
  readonly status: number;
  /** `invalid_grant` and the like. */
  readonly error: string;
  readonly description: string;
  /** The whole body. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Our client at one vendor's token endpoint. Every call may throw an {@link IntegrationError}, and no call tries twice. */
export interface TokenEndpoint {
  /** Where a person consents to these scopes (RFC 6749 §4.1.1). */
  consentUrl(
    scopes: readonly string[],
    parameters: Readonly<Record<string, string>> & { readonly state: string },
  ): string;
  /** @throws {IntegrationError} CREDENTIALS_REJECTED when the code is used up, too old or somebody else's */
  exchange(
    code: string,
    proof: { readonly codeVerifier: string | null; readonly redirectUri: string },
  ): Promise<GrantedTokens>;
  /** @throws {IntegrationError} REAUTHORIZATION_REQUIRED when the grant is gone */
  refresh(refreshToken: string): Promise<GrantedTokens>;
  clientCredentials(scopes: readonly string[]): Promise<GrantedTokens>;
  /** Ends what this token stands for; what is ended already is no error. @throws {IntegrationError} */
  revoke(refreshToken: string): Promise<void>;
}

/** Our registration at a vendor. The secret is null for a public client. */
export interface OAuthClient {
  readonly id: string;
  readonly secret: string | null;
}

export interface TokenEndpointOptions {
  /** The name people know. */
  readonly vendor: string;
  readonly auth: Pick<OAuth<unknown>, "clientAuthentication" | "scopeSeparator" | "explainTokenError"> & {
    readonly revocation?: { readonly kind: string; readonly tokenIn?: "query" };
  };
  readonly client: OAuthClient;
  /** Null where nobody consents. */
  readonly authorizationUrl: string | null;
  readonly tokenUrl: string;
  readonly revocationUrl: string | null;
  /** The guarded way out. */
  readonly agents: { readonly http: http.Agent; readonly https: https.Agent };
  readonly userAgent: string;
  /** For a whole call. */
  readonly timeoutMs?: number;
  readonly now: () => Date;
  readonly observe?: (call: { outcome: string; durationMs: number }) => void;
}

const Tokens = z.looseObject({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).nullish(),
  // A number by the RFC; some vendors send text.
  expires_in: z.coerce.number().positive().nullish(),
  scope: z.string().nullish(),
  id_token: z.string().nullish(),
});

const ErrorBody = z.looseObject({ error: z.string(), error_description: z.string().optional() });

/** What hapi's client, which simple-oauth2 calls with, throws. */
const Boom = z.object({
  isBoom: z.literal(true),
  output: z.object({ statusCode: z.number() }),
  data: z.unknown(),
});
/** A reply whose body could not be read. */
const UnreadReply = z.object({ res: z.object({ statusCode: z.number() }) });
const FailedReply = z.object({ payload: z.unknown(), headers: z.record(z.string(), z.unknown()) });

const maxBodyBytes = 1_000_000;
/** Vendors count a request as from another time when their clocks differ from ours by about this much. */
export const toleratedSkewMs = 5 * 60 * 1000;

/** simple-oauth2 at one token endpoint, through the guarded way out, speaking our errors. */
export function createTokenEndpoint(options: TokenEndpointOptions): TokenEndpoint {
  const { vendor, auth, client, tokenUrl, revocationUrl, timeoutMs = 15_000 } = options;
  const token = new URL(tokenUrl);
  const revocation = revocationUrl === null ? null : new URL(revocationUrl);
  const httpTo = ({ protocol }: URL): ModuleOptions["http"] => ({
    agent: options.agents[protocol === "https:" ? "https" : "http"],
    timeout: timeoutMs,
    maxBytes: maxBodyBytes,
    headers: { accept: "application/json", "user-agent": options.userAgent },
  });
  const config: ModuleOptions = {
    // A public client shows its id and no secret; simple-oauth2 knows no such client, and sends the id twice as one.
    client:
      client.secret === null
        ? { id: client.id, secret: client.id, secretParamName: "client_id" }
        : { id: client.id, secret: client.secret },
    auth: { tokenHost: token.origin, tokenPath: token.href },
    options: {
      authorizationMethod: auth.clientAuthentication === "header" ? "header" : "body",
      ...(auth.scopeSeparator !== undefined && { scopeSeparator: auth.scopeSeparator }),
    },
    http: httpTo(token),
  };
  const codes = new AuthorizationCode({
    ...config,
    auth: { ...config.auth, ...(options.authorizationUrl !== null && { authorizePath: options.authorizationUrl }) },
  });
  const machines = new ClientCredentials(config);
  const endingAt = (address: URL) =>
    new AuthorizationCode({ ...config, auth: { ...config.auth, revokePath: address.href }, http: httpTo(address) });

  async function call<T>(work: () => Promise<T>, { host }: URL = token): Promise<T> {
    const startedAt = performance.now();
    const tell = (outcome: string) => options.observe?.({ outcome, durationMs: performance.now() - startedAt });
    try {
      const answer = await work();
      tell("ok");
      return answer;
    } catch (error) {
      const explained = explainFailure(error, options, host);
      tell(isIntegrationError(explained) ? explained.code : "unfinished");
      throw explained;
    }
  }

  const tokensOf = (answer: Promise<AccessToken>) => answer.then(({ token }) => readTokens(token, options));

  return {
    consentUrl: (scopes, parameters) => codes.authorizeURL({ ...parameters, scope: [...scopes] }),

    exchange: (code, { codeVerifier, redirectUri }) =>
      call(async () => {
        try {
          const params = { code, redirect_uri: redirectUri, ...(codeVerifier && { code_verifier: codeVerifier }) };
          return await tokensOf(codes.getToken(params));
        } catch (error) {
          throw codeRefused(explainFailure(error, options, token.host), vendor);
        }
      }),

    refresh: (refreshToken) => call(() => tokensOf(codes.createToken({ refresh_token: refreshToken }).refresh())),

    clientCredentials: (scopes) =>
      call(() => tokensOf(machines.getToken(scopes.length > 0 ? { scope: [...scopes] } : {}))),

    async revoke(refreshToken) {
      if (!revocation) throw new Error(`${vendor} has no address to revoke at`);
      const grant = endingAt(revocationOf(auth, revocation, refreshToken)).createToken({ refresh_token: refreshToken });
      await call(async () => {
        try {
          // The library's types do not know that it returns what was answered.
          const answer: unknown = await grant.revoke("refresh_token");
          const failure = ErrorBody.safeParse(answer);
          if (failure.success) throw explainReply(200, failure.data, options);
        } catch (error) {
          if (!isGone(error, options, revocation.host)) throw error;
        }
      }, revocation);
    },
  };
}

/** @throws {IntegrationError} for an error that arrives as a success, and for what are no tokens */
function readTokens(body: unknown, options: TokenEndpointOptions): GrantedTokens {
  const failure = ErrorBody.safeParse(body);
  if (failure.success && !hasAccessToken(body)) throw explainReply(200, failure.data, options);
  const read = Tokens.safeParse(body);
  if (!read.success) throw unreadable(options.vendor);
  const { access_token, refresh_token, expires_in, scope, id_token, ...extra } = read.data;
  return {
    accessToken: access_token,
    refreshToken: refresh_token ?? null,
    expiresInSeconds: expires_in ?? null,
    scopes: scope == null ? null : scope.split(/[ ,]+/).filter((name) => name !== ""),
    idToken: id_token ?? null,
    extra,
  };
}

function hasAccessToken(body: unknown): boolean {
  return typeof body === "object" && body !== null && "access_token" in body && Boolean(body.access_token);
}

/** Never keeps the library's own error: it holds the whole request, our secret and the person's token included. */
function explainFailure(error: unknown, options: TokenEndpointOptions, host: string): unknown {
  if (isIntegrationError(error)) return error;
  const failure = Boom.safeParse(error);
  if (!failure.success) return error;
  const { output, data } = failure.data;
  if (isIntegrationError(data)) return data;
  const reply = FailedReply.safeParse(data);
  if (!reply.success) return explainSilence(data, output.statusCode, options.vendor, host);
  return explainRefusal(output.statusCode, reply.data, options);
}

/** No reply at all, or one that is not JSON; hapi says 504 for a timeout. */
function explainSilence(data: unknown, status: number, vendor: string, host: string): IntegrationError {
  const unread = UnreadReply.safeParse(data);
  if (unread.success && unread.data.res.statusCode < 500) return unreadable(vendor);
  const network = explainNetworkFailure(data, host);
  if (network) {
    const { remedy, providerCode } = network;
    return new IntegrationError(network.code, network.message, { remedy, providerCode });
  }
  if (status === 504) {
    return new IntegrationError("PROVIDER_UNAVAILABLE", `${host} did not answer in time`, {
      providerCode: "TimeoutError",
    });
  }
  return new IntegrationError("PROVIDER_UNAVAILABLE", `${host} gave no answer`);
}

function explainRefusal(
  status: number,
  { payload, headers }: z.infer<typeof FailedReply>,
  options: TokenEndpointOptions,
): IntegrationError {
  const body = ErrorBody.safeParse(payload);
  const now = options.now();
  const retryAfter = typeof headers["retry-after"] === "string" ? headers["retry-after"] : null;
  const retryAfterMs = readRetryAfter(retryAfter, now);
  if (status === 429) {
    return new IntegrationError("RATE_LIMITED", `${options.vendor} asks for fewer renewals`, {
      retryAfterMs,
      providerCode: "HTTP 429",
    });
  }
  if (status >= 500 || !body.success) {
    return new IntegrationError("PROVIDER_UNAVAILABLE", `${options.vendor} cannot give tokens now (HTTP ${status})`, {
      retryAfterMs,
      providerCode: body.success ? body.data.error : `HTTP ${status}`,
    });
  }
  const explained = explainReply(status, body.data, options);
  return clockIsWrong(headers["date"], now, explained, options.vendor) ?? explained;
}

/** The vendor's own meaning first, then RFC 6749 §5.2. */
function explainReply(
  status: number,
  body: z.infer<typeof ErrorBody>,
  { vendor, auth }: TokenEndpointOptions,
): IntegrationError {
  const { error, error_description: description = "" } = body;
  const own = auth.explainTokenError?.({ status, error, description, body });
  if (own) return own;
  switch (error) {
    case "invalid_grant":
      return grantGone(vendor, error);
    case "invalid_client":
    case "unauthorized_client":
    case "invalid_scope":
    case "invalid_request":
    case "unsupported_grant_type":
      return clientRefused(vendor, error);
    case "temporarily_unavailable":
    case "server_error":
    case "slow_down":
      return new IntegrationError("PROVIDER_UNAVAILABLE", `${vendor} cannot give tokens now`, { providerCode: error });
    default:
      // Nobody loses a connection over a word that nobody knows.
      return new IntegrationError("PROVIDER_UNAVAILABLE", `${vendor} refuses to give tokens`, { providerCode: error });
  }
}

/**
 * A vendor that reads another time than we do may refuse what is right. Then the refusal is not believed: nobody has to
 * consent again, the operator has to set the clock.
 */
function clockIsWrong(
  date: unknown,
  now: Date,
  refusal: IntegrationError,
  vendor: string,
): IntegrationError | undefined {
  const theirs = typeof date === "string" ? Date.parse(date) : Number.NaN;
  const skewMs = theirs - now.getTime();
  if (Number.isNaN(skewMs) || Math.abs(skewMs) <= toleratedSkewMs) return undefined;
  return wrongClock(vendor, skewMs, refusal.providerCode);
}

/** When a code is exchanged there is no grant yet that could be gone. */
function codeRefused(error: unknown, vendor: string): unknown {
  if (!isIntegrationError(error, "REAUTHORIZATION_REQUIRED")) return error;
  return new IntegrationError("CREDENTIALS_REJECTED", `${vendor} does not take this consent any more`, {
    remedy: "Begin connecting again.",
    providerCode: error.providerCode,
  });
}

function revocationOf({ revocation }: TokenEndpointOptions["auth"], address: URL, token: string): URL {
  if (revocation?.kind !== "token" || revocation.tokenIn !== "query") return address;
  const withToken = new URL(address);
  withToken.searchParams.set("token", token);
  return withToken;
}

/** RFC 7009 §2.2 asks for 200 either way; Google answers 400 for a token that is gone, others their word for a grant that is. */
function isGone(error: unknown, options: TokenEndpointOptions, host: string): boolean {
  const failure = Boom.safeParse(error);
  const reply = failure.success ? FailedReply.safeParse(failure.data.data) : null;
  const body = reply?.success ? ErrorBody.safeParse(reply.data.payload) : null;
  if (body?.success && body.data.error === "invalid_token") return true;
  // An empty or non-JSON success is a success; the library says 406 for whatever it cannot read.
  const unread = failure.success ? UnreadReply.safeParse(failure.data.data) : null;
  if (unread?.success && unread.data.res.statusCode < 300) return true;
  return isIntegrationError(explainFailure(error, options, host), "REAUTHORIZATION_REQUIRED");
}

function unreadable(vendor: string): IntegrationError {
  return new IntegrationError("PROVIDER_REPLY_INVALID", `${vendor} answered with something that are no tokens`);
}

/** @param skewMs how far the vendor's clock is ahead of ours */
export function wrongClock(vendor: string, skewMs: number, providerCode = "clock_skew"): IntegrationError {
  const minutes = Math.round(Math.abs(skewMs) / 60_000);
  const direction = skewMs > 0 ? "behind" : "ahead of";
  return new IntegrationError("NOT_CONFIGURED", `This server's clock is ${minutes} minutes ${direction} ${vendor}'s`, {
    remedy: "The operator has to set the clock; then it goes on by itself, or by connecting again.",
    providerCode,
    retryable: true,
  });
}

/** The person's grant is gone; only they can give it again. */
export function grantGone(
  vendor: string,
  providerCode: string,
  remedy = "Connect the account again.",
): IntegrationError {
  return new IntegrationError("REAUTHORIZATION_REQUIRED", `${vendor} no longer accepts the consent that was given`, {
    providerCode,
    remedy,
  });
}

/** Our own registration is refused: nobody's consent is in doubt. It goes on by itself once the operator has mended it. */
export function clientRefused(
  vendor: string,
  providerCode: string,
  remedy = "The operator has to check the client id and secret that this service is registered with.",
): IntegrationError {
  return new IntegrationError("NOT_CONFIGURED", `${vendor} refuses this service's own registration`, {
    providerCode,
    remedy,
    retryable: true,
  });
}
