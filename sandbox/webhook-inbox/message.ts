import * as z from "zod";

/** What a customer's server was sent. */
export const InboxMessage = z.object({
  id: z.string(),
  /** Null for what is no event. */
  type: z.string().nullable(),
  receivedAt: z.string(),
  /** Whether the signature holds; null while nobody has told the secret. */
  isSigned: z.boolean().nullable(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});
export type InboxMessage = z.output<typeof InboxMessage>;
