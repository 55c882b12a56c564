import { FieldResolver, Resolver, Root } from "type-graphql";
import { jsonLdOf } from "../services/google-jobs.ts";
import type { JobPosting as Row } from "../services/job-postings.ts";
import { JobPosting } from "./job-posting.ts";
import { JsonScalar } from "./scalars.ts";

@Resolver(() => JobPosting)
export class GoogleJobsResolver {
  constructor(private readonly now: () => Date) {}

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description:
      'What the job\'s own page says to Google for Jobs, in `<script type="application/ld+json">`, with every `<` in it as `\\u003c`; ' +
      "null when something that Google requires is missing, before it is approved, and once nobody can apply.",
  })
  jsonLd(@Root() posting: Row): unknown {
    return jsonLdOf(posting, this.now());
  }
}
