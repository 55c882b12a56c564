import { type ClassType, Directive, Field, ObjectType } from "type-graphql";
import type { Page } from "../services/page.ts";

@ObjectType({ description: "Where a page ends and whether another one follows." })
@Directive("@shareable")
export class PageInfo {
  @Field(() => Boolean, { description: "Whether there is more after `endCursor`." })
  hasNextPage!: boolean;

  @Field(() => Boolean, { description: "Always false: lists are read forward." })
  hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true, description: "Of the first edge; null on an empty page." })
  startCursor!: string | null;

  @Field(() => String, { nullable: true, description: "Of the last edge; give it as `after` for the next page." })
  endCursor!: string | null;
}

export interface Connection<T> {
  readonly edges: readonly { readonly cursor: string; readonly node: T }[];
  readonly nodes: readonly T[];
  readonly pageInfo: PageInfo;
}

/** The Relay connection of a type: `{Name}Connection` and `{Name}Edge`. */
export function connectionType<T extends object>(name: string, nodeType: () => ClassType<T>): ClassType<Connection<T>> {
  @ObjectType(`${name}Edge`, { description: `One ${name} of a page, and where it stands in the list.` })
  class Edge {
    @Field(() => String, { description: "Give it as `after` to continue behind this one." })
    cursor!: string;

    @Field(nodeType, { description: "The thing itself." })
    node!: T;
  }

  @ObjectType(`${name}Connection`, { description: `A page of ${name}s.` })
  class TypedConnection {
    @Field(() => [Edge], { description: "The things with their cursors." })
    edges!: Edge[];

    @Field(() => [nodeType()], { description: "The things alone." })
    nodes!: T[];

    @Field(() => PageInfo, { description: "Where this page ends." })
    pageInfo!: PageInfo;
  }
  return TypedConnection as unknown as ClassType<Connection<T>>;
}

export function connectionOf<T>({ edges, hasNextPage }: Page<T>): Connection<T> {
  return {
    edges,
    nodes: edges.map(({ node }) => node),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
