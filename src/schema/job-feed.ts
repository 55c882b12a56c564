import { Ctx, Directive, Field, FieldResolver, Int, ObjectType, Resolver, Root } from "type-graphql";
import type { FeedAddresses, FeedView } from "../services/feed-addresses.ts";
import type { Integration as Row } from "../services/integrations.ts";
import { feedDialects } from "../services/job-words.ts";
import type { Context } from "./context.ts";
import { enumOf } from "./enum.ts";
import { Integration } from "./integration.ts";
import { DateTimeScalar, UrlScalar } from "./scalars.ts";

const FeedDialectEnum = enumOf(
  "JobFeedDialect",
  "As whose reader wants it a feed is written; GENERIC is a form of our own.",
  feedDialects.map((dialect) => dialect.toUpperCase()),
);

@ObjectType({ description: "Somebody who reads a feed, by what they call themselves." })
export class JobFeedFetch {
  @Field(() => String, { nullable: true, description: "What they call themselves; null when they do not." })
  userAgent!: string | null;

  @Field(() => DateTimeScalar, { description: "When they came last." })
  lastFetchedAt!: Date;

  @Field(() => DateTimeScalar, { description: "When they came first." })
  firstFetchedAt!: Date;

  @Field(() => Int, { description: "How often they came." })
  fetches!: number;

  @Field(() => Int, { description: "How many jobs were in the feed that they got last." })
  jobs!: number;

  @Field(() => String, { description: "The name of the feed that they got last: another text has another one." })
  etag!: string;
}

@ObjectType({ description: "A feed of jobs, at an address to be entered at whoever reads it." })
export class JobFeed {
  @Field(() => FeedDialectEnum, { description: "As whose reader wants it it is written." })
  dialect!: string;

  @Field(() => UrlScalar, {
    nullable: true,
    description:
      "Where it is read. Nobody can guess it, and whoever has it can read it. Null when something is missing.",
  })
  url!: string | null;

  @Field(() => String, { nullable: true, description: "What is missing for it; null when nothing is." })
  missing!: string | null;

  @Field(() => [JobFeedFetch], { description: "Who reads it, whoever came last first; at most 20." })
  @Directive("@listSize(assumedSize: 5)")
  fetches!: readonly JobFeedFetch[];
}

@Resolver(() => Integration)
export class JobFeedResolver {
  constructor(private readonly addresses: FeedAddresses) {}

  @FieldResolver(() => [JobFeed], {
    description: "The feeds in which its jobs stand; none where there are none, and for whoever may not change it.",
  })
  @Directive("@listSize(assumedSize: 5)")
  async feeds(@Ctx() { viewer }: Context, @Root() row: Row): Promise<JobFeed[]> {
    return (await this.addresses.shown(viewer, row)).map(shown);
  }
}

function shown({ dialect, url, missing, fetches }: FeedView): JobFeed {
  return {
    dialect: dialect.toUpperCase(),
    url,
    missing,
    fetches: fetches.map(({ userAgent, ...fetch }) => ({ ...fetch, userAgent: userAgent === "" ? null : userAgent })),
  };
}
