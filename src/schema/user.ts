import { Arg, Args, Ctx, Directive, FieldResolver, Resolver, Root } from "type-graphql";
import type { CalendarEvents } from "../services/calendar-events.ts";
import type { Integrations } from "../services/integrations.ts";
import { CalendarEventConnection, CalendarEventFilter } from "./calendar-event.ts";
import { type Connection, connectionOf } from "./connection.ts";
import type { Context } from "./context.ts";
import { IntegrationConnection } from "./integration.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";
import { User } from "./user-type.ts";

/** What this subgraph adds to the platform's users. Who sees what is the same as everywhere. */
@Resolver(() => User)
export class UserResolver {
  constructor(
    private readonly allIntegrations: Integrations,
    private readonly allEvents: CalendarEvents,
  ) {}

  @FieldResolver(() => IntegrationConnection, {
    description: "The user's own integrations, as far as the viewer may see them.",
  })
  @Directive(listSize)
  async integrations(
    @Ctx() { viewer }: Context,
    @Root() { id }: User,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await this.allIntegrations.list(viewer, { ownerId: id }, pageRequest(page)));
  }

  @FieldResolver(() => CalendarEventConnection, {
    description: "What happens in the user's calendars, as far as the viewer may see it.",
  })
  @Directive(listSize)
  async calendarEvents(
    @Ctx() { viewer }: Context,
    @Root() { id }: User,
    @Arg("filter", () => CalendarEventFilter, { description: "When, and in which calendars." })
    filter: CalendarEventFilter,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<unknown>> {
    return connectionOf(await this.allEvents.list(viewer, { ...filter, ownerId: id }, pageRequest(page)));
  }
}
