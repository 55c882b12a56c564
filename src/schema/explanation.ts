import { Arg, Ctx, Field, ID, ObjectType, Query, Resolver } from "type-graphql";
import type { Explanations, Explanation as Told } from "../services/explanations.ts";
import { Authenticated, Costly } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { DateTimeScalar } from "./scalars.ts";

@ObjectType({ description: "One step of how something came about, or of what it led to." })
export class ExplanationStep {
  @Field(() => DateTimeScalar, { description: "When." })
  at!: Date;

  @Field(() => String, {
    description: "The type of what it is about: `InboundDelivery`, `SyncRun`, `IntegrationEvent`, `WebhookDelivery`.",
  })
  kind!: string;

  @Field(() => ID, { description: "Its id." })
  id!: string;

  @Field(() => String, { description: "In a plain sentence." })
  says!: string;
}

@ObjectType({ description: "What happened, why, whose fault it is and what to do, in plain words." })
export class Explanation {
  @Field(() => ID, { description: "What was asked about." })
  id!: string;

  @Field(() => String, { description: "Its type." })
  kind!: string;

  @Field(() => String, {
    description: "How it stands, and where it failed: what is wrong, who can mend it, whether it passes by itself.",
  })
  summary!: string;

  @Field(() => String, {
    nullable: true,
    description: "`caller`, `account`, `operator`, `provider` or `us`; null where nothing is wrong.",
  })
  fault!: string | null;

  @Field(() => String, { nullable: true, description: "What a person can do about it." })
  remedy!: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it is tried again by itself, where that is known.",
  })
  retryAt!: Date | null;

  @Field(() => ID, {
    nullable: true,
    description: "The matter that it belongs to; null where the log tells nothing of it.",
  })
  correlationId!: string | null;

  @Field(() => [ExplanationStep], {
    description: "How one thing led to the next, oldest first, as far as the viewer may see: at most 200.",
  })
  steps!: readonly ExplanationStep[];
}

@Resolver()
export class ExplanationResolver {
  constructor(private readonly explanations: Explanations) {}

  @Authenticated()
  @Costly()
  @Query(() => Explanation, {
    nullable: true,
    description:
      "Explains anything that has an id: an event, a sync, a vendor's message, a delivery, an integration, a calendar event, a job " +
      "posting, an application, a webhook endpoint.",
  })
  explain(
    @Ctx() { viewer }: Context,
    @Arg("id", () => ID, { description: "Its id." }) id: string,
  ): Promise<Told | null> {
    return this.explanations.explain(viewer, id);
  }
}
