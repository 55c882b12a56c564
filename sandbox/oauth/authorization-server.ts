import { createHash } from "node:crypto";
import { html, json, type TwinReply, type TwinRequest } from "../twin.ts";
import { consentPage, requestErrorPage } from "./consent-page.ts";
import type { Grants } from "./grants.ts";
import type { ConsentRequest, Personality, TokenRefusal } from "./personality.ts";

/** What a person does at the consent page. */
export interface ConsentAnswer {
  readonly email: string;
  readonly deny?: boolean;
  readonly untick?: readonly string[];
}

/** What the token endpoint was asked, for whoever counts. */
export interface TokenRequest {
  readonly grantType: string;
  readonly email: string | null;
  readonly at: Date;
  readonly isGiven: boolean;
}

/** Consent page, token endpoint and revocation of one vendor (RFC 6749, 7009, 7636). */
export class AuthorizationServer {
  readonly requests: TokenRequest[] = [];
  /** Answers instead of the token endpoint, until it is set back. */
  insteadOfTokens: (() => TwinReply) | null = null;

  constructor(
    private readonly personality: Personality,
    private readonly grants: Grants,
    private readonly now: () => Date,
    /** Where the twin is reached, for what identifies it. */
    private readonly issuer: () => string,
  ) {}

  /** Null when the path is none of these. */
  async handle(request: TwinRequest): Promise<TwinReply | null> {
    const { authorize, token, revoke } = this.personality.paths;
    if (authorize.test(request.path)) {
      return request.method === "POST" ? this.answered(request) : this.asked(request.query);
    }
    if (request.method !== "POST") return null;
    if (token.test(request.path)) return this.insteadOfTokens?.() ?? this.tokens(request);
    return revoke?.test(request.path) ? this.revoked(request) : null;
  }

  /** What a person's browser does at the consent page, without one. @returns where it is sent back to */
  consent(authorizationUrl: string, { email, deny = false, untick = [] }: ConsentAnswer): string {
    const query = new URL(authorizationUrl).searchParams;
    const request = this.read(query);
    if (typeof request === "string") throw new Error(`The consent page says: ${request}`);
    if (!this.grants.account(email)) throw new Error(`${email} has no account at ${this.personality.vendor}`);
    const given = request.scopes.filter((scope) => !untick.includes(scope) || !this.personality.canBeUnticked(scope));
    return this.back(query, request, deny ? null : { email, scopes: given });
  }

  private asked(query: URLSearchParams): TwinReply {
    const request = this.read(query);
    const { vendor } = this.personality;
    if (typeof request === "string") return html(400, requestErrorPage(vendor, request, "The request is not valid."));
    const scopes = request.scopes.map((name) => ({
      name,
      says: this.personality.saysOf(name) ?? name,
      canBeUnticked: this.personality.canBeUnticked(name),
    }));
    const page = { vendor, app: "The recruiting platform", accounts: this.grants.accounts, scopes, parameters: query };
    return html(200, consentPage({ ...page, preselected: query.get("login_hint") }));
  }

  private answered({ query, body }: TwinRequest): TwinReply {
    const request = this.read(query);
    const { vendor } = this.personality;
    if (typeof request === "string") return html(400, requestErrorPage(vendor, request, "The request is not valid."));
    const form = new URLSearchParams(body);
    const email = form.get("account") ?? "";
    const isAllowed = form.get("answer") === "allow";
    if (isAllowed && !this.grants.account(email)) {
      return html(400, requestErrorPage(vendor, "account_unknown", "Choose an account."));
    }
    const location = this.back(query, request, isAllowed ? { email, scopes: form.getAll("scope") } : null);
    return { status: 302, headers: { location, "cache-control": "no-store" } };
  }

  /** The request, or the vendor's word for what is wrong with it. */
  private read(query: URLSearchParams): ConsentRequest | string {
    const { clientId } = this.personality;
    if (query.get("client_id") !== clientId) return "invalid_client";
    if (query.get("response_type") !== "code") return "unsupported_response_type";
    const redirectUri = query.get("redirect_uri") ?? "";
    const target = URL.canParse(redirectUri) ? new URL(redirectUri) : null;
    const isLoopback = target?.protocol === "http:" && ["localhost", "127.0.0.1"].includes(target.hostname);
    if (!target || !(isLoopback || target.protocol === "https:")) return "redirect_uri_mismatch";
    const scopes = this.personality.readScopes(query.get("scope") ?? "");
    if (scopes.length === 0 || scopes.some((scope) => this.personality.saysOf(scope) === null)) return "invalid_scope";
    const method = query.get("code_challenge_method") ?? "plain";
    if (query.has("code_challenge") && !["plain", "S256"].includes(method)) return "invalid_request";
    const isProvable = query.has("code_challenge") && method === "S256";
    if (this.personality.requiresProof && !isProvable) return "invalid_request";
    return { clientId, scopes, parameters: query };
  }

  private back(
    query: URLSearchParams,
    request: ConsentRequest,
    given: { readonly email: string; readonly scopes: readonly string[] } | null,
  ): string {
    const location = new URL(query.get("redirect_uri") ?? "");
    const add = (name: string, value: string | null) => value !== null && location.searchParams.set(name, value);
    add("state", query.get("state"));
    const client = { id: "", email: given?.email ?? "", clientId: request.clientId };
    if (given === null || this.personality.isOverLimit("code", client)) {
      add("error", "access_denied");
      return location.href;
    }
    const isFirst = !this.grants.hasConsented(given.email, request.clientId);
    const before = query.get("include_granted_scopes") === "true" ? this.grants.of(given.email) : [];
    const scopes = [...new Set([...given.scopes, ...before.flatMap((grant) => grant.scopes)])];
    const grant = this.grants.consent(given.email, request.clientId, scopes);
    const challenge = query.get("code_challenge");
    const code = this.grants.issueCode({
      grantId: grant.id,
      redirectUri: query.get("redirect_uri") ?? "",
      challenge:
        challenge === null ? null : { value: challenge, method: query.get("code_challenge_method") ?? "plain" },
      scopes,
      wantsRefreshToken: this.personality.givesRefreshToken(request, isFirst),
    });
    add("code", code);
    for (const [name, value] of Object.entries(this.personality.returnFields(scopes, given.email))) add(name, value);
    return location.href;
  }

  private async tokens(request: TwinRequest): Promise<TwinReply> {
    const form = this.parametersOf(request);
    const grantType = form.get("grant_type") ?? "";
    const outcome = this.clientRefusal(request, form) ?? (await this.give(grantType, form, request.path));
    const email = typeof outcome === "string" ? null : outcome.email;
    this.requests.push({ grantType, email, at: this.now(), isGiven: email !== null });
    if (typeof outcome === "string") return this.personality.refuseToken(outcome);
    return json(200, outcome.fields, { "cache-control": "no-store", pragma: "no-cache" });
  }

  /** The form, and the query where the vendor reads that too. */
  private parametersOf({ body, query }: TwinRequest): URLSearchParams {
    const form = new URLSearchParams(body);
    if (!this.personality.clientShownIn.includes("query")) return form;
    return new URLSearchParams([...form, ...query]);
  }

  private async give(grantType: string, form: URLSearchParams, path: string): Promise<Given | TokenRefusal> {
    if (grantType === "authorization_code") return this.exchange(form, path);
    if (grantType === "refresh_token") return this.refresh(form, path);
    if (grantType === "client_credentials") return this.giveClient(form);
    return "unsupported_grant_type";
  }

  private async exchange(form: URLSearchParams, path: string): Promise<Given | TokenRefusal> {
    const { codeSeconds } = this.personality;
    const code = this.grants.code(form.get("code") ?? "");
    const grant = code && this.grants.grant(code.grantId);
    if (!code || !grant || !this.personality.isHome(grant, path)) return "code_unknown";
    if (code.isUsed) return "code_used";
    if (code.wantsRefreshToken && this.personality.isOverLimit("refreshToken", grant)) return "too_many_requests";
    code.isUsed = true;
    if (this.now().getTime() - code.givenAt.getTime() > codeSeconds * 1000) return "code_expired";
    if (form.get("redirect_uri") !== code.redirectUri) return "redirect_mismatch";
    if (code.challenge && !provesKnowledge(form.get("code_verifier"), code.challenge)) return "proof_mismatch";
    const refreshToken = code.wantsRefreshToken ? this.grants.issueRefreshToken(code.grantId) : null;
    return this.given(code.grantId, code.scopes, refreshToken);
  }

  private async refresh(form: URLSearchParams, path: string): Promise<Given | TokenRefusal> {
    const used = form.get("refresh_token") ?? "";
    const token = this.grants.refreshToken(used);
    const grant = token && this.grants.grant(token.grantId);
    if (!token || !grant || grant.ended !== null) return "refresh_token_gone";
    if (!this.personality.isHome(grant, path)) return "refresh_token_gone";
    if (token.isRotated && !this.personality.takesRotated(this.grants, grant)) return "refresh_token_gone";
    if (this.personality.isOverLimit("accessToken", grant)) return "too_many_requests";
    token.lastUsedAt = this.now();
    return this.given(grant.id, grant.scopes, this.personality.rotate(this.grants, grant, used));
  }

  /** Without a refresh token: whoever can ask once can ask again (RFC 6749 §4.4.3). */
  private async giveClient(form: URLSearchParams): Promise<Given | TokenRefusal> {
    const access = this.personality.ownAccess?.(form) ?? "unsupported_grant_type";
    if (typeof access === "string") return access;
    const { account, scopes } = access;
    return this.given(this.grants.consent(account, this.personality.clientId, scopes).id, scopes, null);
  }

  private async given(grantId: string, scopes: readonly string[], refreshToken: string | null): Promise<Given> {
    const grant = this.grants.grant(grantId);
    if (!grant) throw new Error("A token of no consent");
    const { accessTokenSeconds } = this.personality;
    const fields = {
      access_token: this.grants.issueAccessToken(grantId, scopes, accessTokenSeconds),
      expires_in: accessTokenSeconds,
      ...(refreshToken !== null && { refresh_token: refreshToken }),
      scope: scopes.join(" "),
      token_type: "Bearer",
      ...(await this.personality.furtherFields(grant, scopes, this.issuer())),
    };
    this.personality.tokensGiven(this.grants, grant);
    return { email: grant.email, fields };
  }

  private revoked({ body, query, path }: TwinRequest): TwinReply {
    const grant = this.grants.behind(new URLSearchParams(body).get("token") ?? query.get("token") ?? "");
    if (!grant || grant.ended !== null || !this.personality.isHome(grant, path)) {
      return this.personality.answerRevocation(false);
    }
    if (this.personality.revocationEnds === "grant") this.grants.end(grant, "revoked");
    else this.endAll(grant.email, "revoked");
    return this.personality.answerRevocation(true);
  }

  /** Ends every consent of an account to our client. */
  endAll(email: string, reason: string): void {
    for (const grant of this.grants.of(email)) this.grants.end(grant, reason);
  }

  /** RFC 6749 §2.3.1: in a header, or among the parameters. Null when it is our client. */
  private clientRefusal({ headers, path }: TwinRequest, form: URLSearchParams): TokenRefusal | null {
    const { clientId, clientShownIn } = this.personality;
    const header = clientShownIn.includes("header") ? (headers["authorization"] ?? "") : "";
    const [, basic] = /^Basic (.+)$/i.exec(header) ?? [];
    const [id, secret] = basic
      ? Buffer.from(basic, "base64").toString().split(":").map(decodeURIComponent)
      : [form.get("client_id"), form.get("client_secret")];
    if (!this.personality.knowsClientAt(path) || id !== clientId) return "invalid_client";
    return (secret ?? null) === this.personality.clientSecretAt(path) ? null : "invalid_secret";
  }
}

interface Given {
  readonly email: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** RFC 7636 §4.6. */
function provesKnowledge(verifier: string | null, challenge: { value: string; method: string }): boolean {
  if (verifier === null || !/^[\w.~-]{43,128}$/.test(verifier)) return false;
  const shown = challenge.method === "S256" ? createHash("sha256").update(verifier).digest("base64url") : verifier;
  return shown === challenge.value;
}
