import { Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from "type-graphql";
import type { ApplicationSteps } from "../services/application-steps.ts";
import type { applicationStatuses, rejectionReasons } from "../services/job-applications.ts";
import { plainText } from "../services/plain-text.ts";
import { Costly, Scopes } from "./access-directives.ts";
import type { Context } from "./context.ts";
import { Input } from "./input.ts";
import { JobApplication, JobApplicationStatusEnum, RejectionReasonEnum } from "./job-application.ts";
import { DateTimeScalar } from "./scalars.ts";
import { answer, UserError } from "./user-error.ts";

@InputType({ description: "How an application goes on." })
export class UpdateJobApplicationStatusInput {
  @Field(() => ID, { description: "The application." })
  id!: string;

  @Field(() => JobApplicationStatusEnum, { description: "How far it is now." })
  status!: (typeof applicationStatuses)[number];

  @Field(() => RejectionReasonEnum, { nullable: true, description: "Why it was REJECTED." })
  reason?: (typeof rejectionReasons)[number] | null;

  @Field(() => String, {
    nullable: true,
    description: "What the platform calls the step; some boards show it. At most 500 characters.",
  })
  stage?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "More about it, for boards that take it. At most 500 characters.",
  })
  details?: string | null;

  @Field(() => DateTimeScalar, {
    nullable: true,
    description: "When it came to that; now when left out. Never before the step before.",
  })
  changedAt?: Date | null;

  @Field(() => String, { nullable: true, description: "The same key and input get the same answer for 24 hours." })
  idempotencyKey?: string | null;
}

@ObjectType({ description: "The application as it is now." })
export class UpdateJobApplicationStatusPayload {
  @Field(() => JobApplication, { nullable: true, description: "The application; its board is told soon." })
  jobApplication!: unknown;

  @Field(() => [UserError], { description: "Why it stays as it was." })
  userErrors!: UserError[];
}

@Resolver(() => JobApplication)
export class JobApplicationWritesResolver {
  constructor(private readonly steps: ApplicationSteps) {}

  @Scopes("applications:write")
  @Costly()
  @Mutation(() => UpdateJobApplicationStatusPayload, {
    description: "Takes an application a step further. Its board is told, in order, where it has a word for it.",
  })
  updateJobApplicationStatus(
    @Ctx() { viewer, cause }: Context,
    @Input(() => UpdateJobApplicationStatusInput) input: UpdateJobApplicationStatusInput,
  ): Promise<UpdateJobApplicationStatusPayload> {
    const { id, status, reason = null, changedAt = null, idempotencyKey = null } = input;
    return answer(
      async () => {
        const stage = wordsOf(input.stage);
        const details = wordsOf(input.details);
        const request = { id, status, reason, stage, details, changedAt };
        return { jobApplication: await this.steps.change(viewer, request, idempotencyKey, cause) };
      },
      () => ({ jobApplication: null }),
    );
  }
}

function wordsOf(text: string | null | undefined): string | null {
  return text == null ? null : plainText(text) || null;
}
