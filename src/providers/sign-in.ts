import type { LoginFlow } from "./login-flow.ts";
import type { AccountSettings, ProvenIdentity, ProviderAuth, ProviderBase } from "./provider.ts";

/** How somebody signed in: with a form of ours, at the vendor's consent page, or with a form and a client. */
export type SignIn = ProviderAuth<unknown>["kind"];

/** Which {@link SignIn} an integration keeps to. The services write it when it is connected. */
export const signInSetting = "signIn";

/** Every way to sign in to a provider, the main one first. */
export function signInsOf({
  auth,
  withPassword,
}: Pick<ProviderBase<ProvenIdentity>, "auth" | "withPassword">): readonly SignIn[] {
  return withPassword ? [auth.kind, withPassword.auth.kind] : [auth.kind];
}

/** The vendor's page that fills in the form of ours, where there is one. */
export function loginFlowOf({ auth }: Pick<ProviderBase<ProvenIdentity>, "auth">): LoginFlow | undefined {
  return auth.kind === "credentials" ? auth.loginFlow : undefined;
}

/** The provider with `auth` and `renewal` as an account of these settings uses them. */
export function asSignedIn<Provider extends ProviderBase<ProvenIdentity>>(
  provider: Provider,
  settings: AccountSettings,
): Provider {
  const { withPassword } = provider;
  return withPassword && settings[signInSetting] === withPassword.auth.kind
    ? { ...provider, ...withPassword }
    : provider;
}
