import { Field, Int, ObjectType, registerEnumType } from "type-graphql";
import { type ErrorCode, errorCodes, IntegrationError, isIntegrationError } from "../errors.ts";
import { MissingScope } from "../services/viewer.ts";

export const ErrorCodeEnum = Object.fromEntries(errorCodes.map((code) => [code, code])) as Record<ErrorCode, ErrorCode>;
registerEnumType(ErrorCodeEnum, {
  name: "ErrorCode",
  description: "Every way in which something can fail. Programs decide by it; it never changes its meaning.",
});

@ObjectType({ description: "An expected failure, as data: what went wrong, where, and what to do about it." })
export class UserError {
  @Field(() => ErrorCodeEnum, { description: "For programs." })
  code!: ErrorCode;

  @Field(() => String, { description: "For people. May change." })
  message!: string;

  @Field(() => [String], { nullable: true, description: "The path of the input field that is wrong." })
  field!: readonly string[] | null;

  @Field(() => Boolean, { description: "Whether the same call may succeed later without anybody changing anything." })
  retryable!: boolean;

  @Field(() => Int, { nullable: true, description: "How long to wait before trying again, in milliseconds." })
  retryAfterMs!: number | null;

  @Field(() => String, { nullable: true, description: "What a person can do about it." })
  remedy!: string | null;

  @Field(() => String, { nullable: true, description: "The vendor's own word for it." })
  providerCode!: string | null;
}

export function userErrorOf(error: IntegrationError): UserError {
  const { code, message, field, retryable, retryAfterMs, remedy, providerCode } = error;
  return {
    code,
    message,
    field: field ?? null,
    retryable,
    retryAfterMs: retryAfterMs ?? null,
    remedy: remedy ?? null,
    providerCode: providerCode ?? null,
  };
}

/**
 * A mutation's answer: what it made, or why not. Who may not call it at all, and faults of ours, are GraphQL errors.
 *
 * @param work makes the payload without its errors
 * @param refused the payload when nothing was made
 */
export async function answer<Payload extends { userErrors: UserError[] }>(
  work: () => Promise<Omit<Payload, "userErrors">>,
  refused: (error: IntegrationError) => Omit<Payload, "userErrors"> | Promise<Omit<Payload, "userErrors">>,
): Promise<Payload> {
  try {
    return { ...(await work()), userErrors: [] } as unknown as Payload;
  } catch (error) {
    if (!isIntegrationError(error) || error instanceof MissingScope || error.code === "UNAUTHENTICATED") throw error;
    return { ...(await refused(error)), userErrors: [userErrorOf(error)] } as unknown as Payload;
  }
}
