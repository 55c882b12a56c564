import { Arg, Args, Ctx, Directive, FieldResolver, ID, Query, Resolver, Root } from "type-graphql";
import type { Calendars, Calendar as Row } from "../services/calendars.ts";
import { Scopes } from "./access-directives.ts";
import { Calendar } from "./calendar-type.ts";
import { type Connection, connectionOf, connectionType } from "./connection.ts";
import type { Context } from "./context.ts";
import { Integration } from "./integration.ts";
import { listSize, PageArgs, pageRequest } from "./paging.ts";

const CalendarConnection = connectionType("Calendar", () => Calendar);

@Resolver(() => Calendar)
export class CalendarResolver {
  constructor(private readonly service: Calendars) {}

  @Scopes("calendar:read")
  @Query(() => CalendarConnection, {
    description: "An integration's calendars; none when it is not the viewer's to see.",
  })
  @Directive(listSize)
  async calendars(
    @Ctx() { viewer }: Context,
    @Arg("integrationId", () => ID, { description: "Whose." }) integrationId: string,
    @Args(() => PageArgs) page: PageArgs,
  ): Promise<Connection<Row>> {
    return connectionOf(await this.service.list(viewer, integrationId, pageRequest(page)));
  }

  @FieldResolver(() => Integration, { nullable: true, description: "The integration it belongs to." })
  integration(@Ctx() { loaders }: Context, @Root() calendar: Row): Promise<unknown> {
    return loaders.integration.load(calendar.integrationId);
  }
}
