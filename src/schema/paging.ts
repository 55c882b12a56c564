import { ArgsType, Field, Int } from "type-graphql";
import type { PageRequest } from "../services/page.ts";

const defaultFirst = 50;

@ArgsType()
export class PageArgs {
  @Field(() => Int, { nullable: true, defaultValue: defaultFirst, description: "How many, 1 to 200." })
  first!: number | null;

  @Field(() => String, { nullable: true, description: "The cursor to continue after, of the same list and filter." })
  after?: string | null;
}

export function pageRequest({ first, after }: PageArgs): PageRequest {
  return { first: first ?? defaultFirst, after: after ?? null };
}

/** Tells routers how long a list gets, for their own limits. */
export const listSize =
  '@listSize(assumedSize: 50, slicingArguments: ["first"], sizedFields: ["edges", "nodes"], requireOneSlicingArgument: false)';
