import { Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { Scopes } from "./access-directives.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { Context } from "./context.ts";
import { JobApplicationConnection } from "./job-application.ts";
import { JobPostingConnection } from "./job-posting.ts";
import { Job } from "./job-type.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";

/** What this subgraph adds to the platform's jobs. */
@Resolver(() => Job)
export class JobResolver {
  @FieldResolver(() => JobPostingConnection, {
    description: "Where it is posted, newest first, as far as the viewer may see it.",
  })
  @Directive(listSize)
  async postings(
    @Ctx() { loaders }: Context,
    @Root() { id }: Job,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await loaders.postingsOfJob.load({ ownerId: id, filter: null, page: pageRequest(page) }));
  }

  @Scopes("applications:read")
  @FieldResolver(() => JobApplicationConnection, {
    description: "Who has applied to it, newest first, as far as the viewer may see it.",
  })
  @Directive(listSize)
  async applications(
    @Ctx() { loaders }: Context,
    @Root() { id }: Job,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await loaders.applicationsOfJob.load({ ownerId: id, filter: null, page: pageRequest(page) }));
  }
}
