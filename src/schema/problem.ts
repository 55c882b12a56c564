import { Field, ObjectType } from "type-graphql";

@ObjectType({ description: "What is wrong, whose doing it is, and what a person can do about it." })
export class Problem {
  @Field(() => String, { description: "An ErrorCode, or INTERNAL for a fault of this service." })
  code!: string;

  @Field(() => String, { description: "For people. May change." })
  message!: string;

  @Field(() => String, { description: "`caller`, `account`, `operator`, `provider` or `us`." })
  fault!: string;

  @Field(() => Boolean, { description: "Whether it is tried again by itself." })
  retryable!: boolean;

  @Field(() => String, { nullable: true, description: "What a person can do about it." })
  remedy!: string | null;

  @Field(() => String, { nullable: true, description: "The vendor's own word for it." })
  providerCode!: string | null;
}
