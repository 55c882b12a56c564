import { WebhookVerificationService } from "@hookflo/tern";
import { Webhook } from "standardwebhooks";

/** Somebody else's idea of what a signed message is. */
export interface WebhookVerifier {
  readonly name: string;
  /** Rejects when the message is not signed with the secret. */
  verify(secret: string, headers: Readonly<Record<string, string>>, body: string): Promise<void>;
}

/** Two implementations that have nothing to do with each other, nor with ours. */
export const webhookVerifiers: readonly WebhookVerifier[] = [
  {
    name: "standardwebhooks",
    async verify(secret, headers, body) {
      new Webhook(secret).verify(body, { ...headers });
    },
  },
  {
    name: "@hookflo/tern",
    async verify(secret, headers, body) {
      const request = new Request("http://receiver.example/", { method: "POST", headers, body });
      // Replicate signs by the specification, and is the platform under which tern has it.
      const { isValid, error } = await WebhookVerificationService.verifyWithPlatformConfig(
        request,
        "replicateai",
        secret,
        300,
      );
      if (!isValid) throw new Error(error);
    },
  },
];
