import { Arg, Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import { CalendarEventConnection, CalendarEventFilter } from "./calendar-event.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { Context } from "./context.ts";
import { IntegrationConnection } from "./integration.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { User } from "./user-type.ts";

/** What this subgraph adds to the platform's users. Who sees what is the same as everywhere. */
@Resolver(() => User)
export class UserResolver {
  @FieldResolver(() => IntegrationConnection, {
    description: "The user's own integrations, as far as the viewer may see them.",
  })
  @Directive(listSize)
  async integrations(
    @Ctx() { loaders }: Context,
    @Root() { id: ownerId }: User,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await loaders.integrationsOfUser.load({ ownerId, filter: null, page: pageRequest(page) }));
  }

  @FieldResolver(() => CalendarEventConnection, {
    description: "What happens in the user's calendars, as far as the viewer may see it.",
  })
  @Directive(listSize)
  async calendarEvents(
    @Ctx() { loaders }: Context,
    @Root() { id: ownerId }: User,
    @Arg("filter", () => CalendarEventFilter, { description: "When, and in which calendars." })
    filter: CalendarEventFilter,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await loaders.calendarEventsOfUser.load({ ownerId, filter, page: pageRequest(page) }));
  }
}
